import { describe, expect, it } from "vitest";
import { classScores, confusionCounts, numberScores } from "../../src/run/scores.ts";

describe("scores", () => {
  it("of numbers: by hand", () => {
    // Errors 1, 0, −1, 2; the truth's mean is 3 and its squares around it sum to 20.
    const { rmse, mae, r2 } = numberScores(Float64Array.of(1, 2, 3, 8), Float64Array.of(0, 2, 4, 6));
    expect(rmse).toBeCloseTo(Math.sqrt(6 / 4), 12);
    expect(mae).toBe(1);
    expect(r2).toBeCloseTo(1 - 6 / 20, 12);
    expect(numberScores(Float64Array.of(5, 5), Float64Array.of(5, 5)).r2).toBe(1);
    expect(numberScores(Float64Array.of(5, 6), Float64Array.of(5, 5)).r2).toBe(0);
    expect(() => numberScores(Float64Array.of(1), Float64Array.of(1, 2))).toThrow(
      "predictions of shape (1, 1) cannot be compared with targets of shape (2, 1)",
    );
  });

  it("of classes: a class that the model never saw counts as wrong, and costs much", () => {
    const probabilities = [0.7, 0.3, 0.4, 0.6, 0.9, 0.1];
    const { accuracy, logLoss } = classScores(probabilities, [0, 0, -1], 2);
    expect(accuracy).toBeCloseTo(1 / 3, 12);
    expect(logLoss).toBeCloseTo(-(Math.log(0.7) + Math.log(0.4) + Math.log(1e-15)) / 3, 12);
    expect(confusionCounts(probabilities, [0, 0, -1], 2)).toEqual([
      [1, 1],
      [0, 0],
    ]);
  });
});
