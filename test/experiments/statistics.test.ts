import { describe, expect, it } from "vitest";
import { mean, median, standardDeviation, verdictOf } from "../../experiments/shared/statistics.ts";

describe("statistics", () => {
  it("are those of a sample", () => {
    expect(mean([1, 2, 6])).toBe(3);
    expect(standardDeviation([1, 2, 6])).toBeCloseTo(Math.sqrt(7));
    expect(standardDeviation([4])).toBe(0);
    expect(median([5, 1, 3])).toBe(3);
    expect(median([5, 1, 3, 4])).toBe(3.5);
  });
});

// Student's t at 95 % for 1, 4 and many degrees of freedom: 12.71, 2.78, at most 2.23.
describe("what a paired difference says", () => {
  it("takes more of two seeds than of five", () => {
    const margin = (pairs: number, t: number) => t / Math.sqrt(pairs);
    for (const [pairs, t] of [
      [2, 12.71],
      [5, 2.78],
      [100, 2.23],
    ]) {
      expect(verdictOf({ mean: 1.01 * margin(pairs, t), sd: 1, pairs })).toBe("worse");
      expect(verdictOf({ mean: -1.01 * margin(pairs, t), sd: 1, pairs })).toBe("better");
      expect(verdictOf({ mean: 0.99 * margin(pairs, t), sd: 1, pairs })).toBe("level");
    }
  });

  it("is nothing of one seed, or of what is not a number", () => {
    expect(verdictOf({ mean: 1, sd: 0, pairs: 1 })).toBeUndefined();
    expect(verdictOf({ mean: Number.NaN, sd: 0, pairs: 5 })).toBeUndefined();
  });
});
