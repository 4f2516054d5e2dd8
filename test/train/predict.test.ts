import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { gmnm } from "../../src/nn/gmnm.ts";
import { layerNorm } from "../../src/nn/layer-norm.ts";
import { linear } from "../../src/nn/linear.ts";
import { sequential } from "../../src/nn/sequential.ts";
import { Random } from "../../src/random.ts";
import { tensor } from "../../src/tensor.ts";
import { initialParams } from "../../src/train/fit.ts";
import { meanAbsoluteError } from "../../src/train/metrics.ts";
import { evaluate, predict } from "../../src/train/predict.ts";
import { uniformTensor } from "../forward.ts";
import { relativeError } from "../gradients.ts";
import { liveBuffers } from "../live-buffers.ts";

const layer = sequential(gmnm(2, 3, { numComponents: 4 }), layerNorm(3));
const model = { layer, params: initialParams(layer, new Random(3)) };
const doubling = { layer: linear(1, 1), params: { weights: tensor([2], [1, 1]), bias: tensor([1], [1]) } };

describe("predict", () => {
  test("gives the same for any batch size", async () => {
    const x = uniformTensor(1, [11, 2]);
    const whole = await predict(model, x);
    expect(whole.shape).toEqual([11, 3]);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 15 }), async (batchSize) => {
        const parts = await predict(model, x, { batchSize });
        expect(parts.shape).toEqual(whole.shape);
        expect(relativeError(parts.data, whole.data)).toBeLessThan(1e-6);
      }),
      { numRuns: 15 },
    );
  });

  test("takes rows, flat arrays and tensors", async () => {
    const expected = tensor([3, 5], [2, 1]);
    for (const x of [[[1], [2]], [1, 2], Float32Array.of(1, 2), tensor([1, 2], [2, 1])]) {
      expect(await predict(doubling, x)).toEqual(expected);
    }
  });

  test("keeps the axes between rows and features", async () => {
    const x = { data: uniformTensor(1, [30, 2]).data, shape: [5, 6, 2] };
    const { data, shape } = await predict(model, x, { batchSize: 2 });
    expect(shape).toEqual([5, 6, 3]);
    expect(relativeError(data, (await predict(model, { data: x.data, shape: [30, 2] })).data)).toBeLessThan(1e-6);
  });

  test.each([0, -1, 1.5, Number.NaN])("a batch of %d is refused", async (batchSize) => {
    await expect(predict(doubling, [1], { batchSize })).rejects.toThrow(
      `gmnm: batchSize must be a whole number above 0, got ${batchSize}`,
    );
  });

  test.each([
    ["no rows", [], "x has no rows"],
    ["a tensor of no rows", tensor([], [0, 1]), "predict needs at least one row, got x of shape (0, 1)"],
    ["NaN", [[0], [Number.NaN]], "x has NaN in row 1, column 0 (counted from 0)"],
    ["a missing value", [[0], [undefined as never]], "x has NaN in row 1, column 0 (counted from 0)"],
    ["wide rows", [[1, 2]], "rows of x have 2 numbers, expected 1"],
    ["a wide tensor", tensor([1, 2], [1, 2]), "linear expected x of shape (batch, 1), got (1, 2)"],
  ])("%s is refused, and nothing left behind", async (_, x, sentence) => {
    const before = liveBuffers();
    await expect(predict(doubling, x)).rejects.toThrow(`gmnm: ${sentence}`);
    expect(liveBuffers()).toBe(before);
  });
});

describe("evaluate", () => {
  // Predictions 1, 3, 5, 7 against these:
  const examples = { x: [0, 1, 2, 3], y: [1, 3, 4, 9] };

  test("measures rmse, mae and r2", async () => {
    const mean = 17 / 4;
    const spread = [1, 3, 4, 9].reduce((sum, v) => sum + (v - mean) ** 2, 0);
    const measured = await evaluate(doubling, examples);
    expect(Object.keys(measured)).toEqual(["rmse", "mae", "r2"]);
    expect(measured.rmse).toBeCloseTo(Math.sqrt(5 / 4), 6);
    expect(measured.mae).toBeCloseTo(3 / 4, 6);
    expect(measured.r2).toBeCloseTo(1 - 5 / spread, 6);
  });

  test("measures what it is asked to, in batches", async () => {
    const worst = (p: { data: Float32Array }, t: { data: Float32Array }) =>
      Math.max(...p.data.map((v, i) => Math.abs(v - t.data[i])));
    const metrics = { worst, error: meanAbsoluteError };
    expect(await evaluate(doubling, examples, { metrics, batchSize: 3 })).toEqual({ worst: 2, error: 0.75 });
  });

  test("refuses targets of another shape, and ones that are not finite", async () => {
    await expect(evaluate(doubling, { x: [1, 2], y: [1, 2, 3, 4] })).rejects.toThrow(
      "gmnm: predictions of shape (2, 1) cannot be compared with targets of shape (2, 2)",
    );
    await expect(evaluate(doubling, { x: [1, 2], y: [1, Number.NaN] })).rejects.toThrow("gmnm: y has NaN in row 1");
    await expect(evaluate(doubling, { x: [1, 2], y: [1, 2, 3] })).rejects.toThrow("gmnm: y has 3 numbers");
  });
});
