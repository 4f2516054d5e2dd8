import type { numpy as np } from "@jax-js/jax";
import { describe, expect, test } from "vitest";
import type { Model } from "../../src/model.ts";
import { describeComponents } from "../../src/nn/components.ts";
import { type AnyLayer, gmnm, layerNorm, linear, rbf, residual, sequential } from "../../src/nn/index.ts";
import { namedTensors, type ParamTensors } from "../../src/params.ts";
import { Random } from "../../src/random.ts";
import { type Tensor, takeRows, tensor } from "../../src/tensor.ts";
import { fit, initialParams } from "../../src/train/fit.ts";
import { crossEntropy, evaluate, mse, predict, reseedDead } from "../../src/train/index.ts";
import { maxDifference } from "../forward.ts";
import { liveBuffers } from "../live-buffers.ts";
import { fast, waves } from "./examples.ts";

type Parts = Record<string, Tensor>;

/** A layer as it starts, with some components moved out of reach of all rows. */
function withDead(layer: AnyLayer, x: Tensor, dead: readonly number[], at = (params: ParamTensors) => params as Parts) {
  const params = initialParams(layer, new Random(3), x);
  const { centers, offsets, weights } = at(params);
  const [m] = weights.shape;
  for (const k of dead) {
    if (centers) for (let j = 0; j < centers.shape[1]; j++) centers.data[k * centers.shape[1] + j] = 500;
    else for (let r = 0; r < offsets.shape[0]; r++) offsets.data[r * m + k] = 500;
  }
  return { layer, params };
}
const data = waves(300);
const wide = { numComponents: 12, weightScale: 3 };

describe("the function stays the same", () => {
  const covariances = ["full", "lowRank", "diagonal", "isotropic"] as const;
  test.each<[string, AnyLayer]>([
    ...covariances.map((covariance): [string, AnyLayer] => [covariance, gmnm(2, 1, { ...wide, covariance })]),
    ["projected centres", gmnm(2, 1, { ...wide, centers: "projected" })],
    ["the sum of projections", gmnm(2, 1, { ...wide, aggregate: "sum" })],
    ["rbf", rbf(2, 1, { numComponents: 12 })],
  ])("%s, and every component is alive", async (_, layer) => {
    const model = withDead(layer, data.x, [2, 5, 7]);
    const before = liveBuffers();
    const { model: next, moved } = await reseedDead(model, data);
    expect(liveBuffers()).toBe(before);
    expect(moved).toBe(3);
    expect(next.layer).toBe(model.layer);
    expect(maxDifference((await predict(next, data.x)).data, (await predict(model, data.x)).data)).toBeLessThan(1e-5);
    expect((await reseedDead(next, data)).moved).toBe(0);
    expect((next.params as Parts).weights.data[5]).toBe(0);
  });

  test("in a partition of unity at the new centres", async () => {
    const model = withDead(gmnm(2, 1, { ...wide, partitionOfUnity: true }), data.x, [4]);
    const { model: next, moved } = await reseedDead(model, data);
    expect(moved).toBe(1);
    const center = tensor((next.params as Parts).centers.data.slice(8, 10), [1, 2]);
    const [was, is] = [await predict(model, center), await predict(next, center)];
    expect(is.data[0]).toBeCloseTo(was.data[0], 5);
    expect((next.params as Parts).weights.data[4]).not.toBe(0);
  });

  test("of layers inside others, with the input they see there", async () => {
    const layer = sequential(linear(2, 6), sequential(layerNorm(6), gmnm(6, 4, wide)), rbf(4, 1, { numComponents: 8 }));
    const model = withDead(layer, data.x, [0, 9], (params) => (params as Parts[][])[1][1] as never);
    const rival = (model.params as Parts[])[2];
    rival.centers.data.fill(99, 0, 4);
    const { model: next, moved } = await reseedDead(model, data);
    // The last layer starts from what the first sees with all its components; without two of them it may have more that are dead.
    expect(moved).toBeGreaterThanOrEqual(3);
    expect((await reseedDead(next, data)).moved).toBe(0);
    expect(maxDifference((await predict(next, data.x)).data, (await predict(model, data.x)).data)).toBeLessThan(1e-5);
    // Rows of a layer norm have mean 0: the new centres are such rows, not rows of the data.
    const { centers } = (next.params as Parts[][])[1][1] as unknown as Parts;
    expect(centers.data.subarray(0, 6).reduce((a, b) => a + b)).toBeCloseTo(0, 4);
    // What is not a mixture is the same tensor.
    expect(namedTensors(next.params)[0][1]).toBe(namedTensors(model.params)[0][1]);
  });

  test("of a mixture beside a linear path, applied to every token", async () => {
    const layer = sequential(residual(gmnm(2, 2, wide)), linear(2, 3));
    const tokens = tensor(data.x.data, [100, 3, 2]);
    const model = withDead(layer, data.x, [3, 8], (params) => (params as Parts[])[0]);
    const { model: next, moved } = await reseedDead(model, { x: tokens });
    expect(moved).toBe(2);
    expect(maxDifference((await predict(next, tokens)).data, (await predict(model, tokens)).data)).toBeLessThan(1e-5);
  });

  test("and the model, where nothing is dead", async () => {
    const model = withDead(gmnm(2, 1, wide), data.x, []);
    expect(await reseedDead(model, data)).toEqual({ model, moved: 0 });
  });
});

describe("where components go", () => {
  const layer = gmnm(1, 1, { numComponents: 6, weightScale: 3, domain: [[-1, 0]] });
  const x = tensor(Float32Array.from({ length: 201 }, (_, i) => -1 + i / 100), [201, 1]); // biome-ignore format: one line
  const model = withDead(layer, tensor([-1, 0], [2, 1]), [0, 1]);
  const placed = ({ params }: Model) => [...(params as Parts).centers.data.subarray(0, 2)];

  test("with targets to the largest errors, one after the other", async () => {
    const { data: made } = await predict(model, x);
    const y = tensor(made.map((value, i) => value + (i === 40 ? 1 : i === 160 ? 3 : 0)), x.shape); // biome-ignore format: one line
    const centers = placed((await reseedDead(model, { x, y })).model);
    expect(centers[0]).toBeCloseTo(0.6, 5);
    expect(centers[1]).toBeCloseTo(-0.6, 5);
  });

  test("without targets to rows that nothing covers", async () => {
    const centers = placed((await reseedDead(model, { x })).model);
    expect(centers[0]).toBeCloseTo(1, 5);
    expect(centers[1]).toBeLessThan(0.9);
    expect(centers[1]).toBeGreaterThan(0.1);
  });

  test("nowhere, where no error is left", async () => {
    expect((await reseedDead(model, { x, y: x }, { loss: (p, t) => mse(p, t).mul(0) })).moved).toBe(0);
  });

  test("by a loss of one's own, which may be negative", async () => {
    const y = tensor(x.data.map((_, i) => Number(i === 70)), x.shape); // biome-ignore format: one line
    const loss = (p: np.Array, t: np.Array) => t.mul(5).sub(9).add(p.mul(0)).mean();
    const { model: next, moved } = await reseedDead(model, { x, y }, { loss });
    expect(moved).toBe(1);
    expect(placed(next)[0]).toBeCloseTo(-0.3, 5);
  });

  test("by errors in classes, of rows that a data set makes", async () => {
    const layer = gmnm(1, 2, { numComponents: 4 });
    const model = withDead(layer, x, [0]);
    const take = (rows: ArrayLike<number>) => ({
      x: takeRows(x, rows),
      y: tensor(Array.from(rows, (row) => [Number(row !== 150), Number(row === 150)]).flat(), [rows.length, 2]),
    });
    // Logits of (9, −9) for all: the one row of the other class is the worst.
    (model.params as Parts).bias.data.set([9, -9]);
    const { model: next, moved } = await reseedDead(model, { rows: 201, take }, { loss: crossEntropy });
    expect(moved).toBe(1);
    expect((next.params as Parts).centers.data[0]).toBeCloseTo(0.5, 5);
  });

  test("all of them, with shapes as a layer starts", async () => {
    const gone = withDead(layer, x, [0, 1, 2, 3, 4, 5]);
    const { model: next, moved } = await reseedDead(gone, { x });
    expect(moved).toBe(6);
    expect(new Set((next.params as Parts).centers.data).size).toBe(6);
  });
});

test("training recovers what dead components lost", async () => {
  const lame = withDead(
    gmnm(2, 1, { numComponents: 16 }),
    data.x,
    Array.from({ length: 13 }, (_, k) => k),
  );
  const epochs = 300;
  const without = (await fit(lame, data, { ...fast, epochs })).model;
  const revived = (await reseedDead(lame, data)).model;
  const having = (await fit(revived, data, { ...fast, epochs })).model;
  const [poor, good] = [await evaluate(without, waves(200, 9)), await evaluate(having, waves(200, 9))];
  expect(good.rmse).toBeLessThan(poor.rmse / 4);
  expect((await reseedDead(without, data)).moved).toBe(13);
});

describe("refuses", () => {
  const model = withDead(gmnm(2, 1, wide), data.x, [1]);
  test("a model without mixtures", async () => {
    const layer = sequential(linear(2, 3), linear(3, 1));
    await expect(reseedDead({ layer, params: initialParams(layer, new Random(0)) }, data)).rejects.toThrow(
      "gmnm: there is no gmnm or rbf layer in this model of type sequential",
    );
  });

  test("targets of another shape", async () => {
    await expect(reseedDead(model, { x: data.x, y: tensor(new Float32Array(600), [300, 2]) })).rejects.toThrow(
      "gmnm: expected y of shape (rows, 1), as the model makes it, got (rows, 2)",
    );
    await expect(reseedDead(model, { x: data.x, y: tensor([1, 2], [2, 1]) })).rejects.toThrow(
      "gmnm: x has 300 rows but y has 2",
    );
  });

  test("rows that are not finite, or not those of the model", async () => {
    const x = tensor([0, NaN], [1, 2]);
    await expect(reseedDead(model, { x })).rejects.toThrow("gmnm: x has NaN in row 0, column 1 (counted from 0)");
    await expect(reseedDead(model, { x: tensor([1, 2, 3], [1, 3]) })).rejects.toThrow(
      "gmnm expected x of shape (batch, 2), got (1, 3)",
    );
  });

  test("losses that are not finite", async () => {
    const loss = (p: np.Array, t: np.Array) => mse(p, t).div(0);
    await expect(reseedDead(model, data, { loss })).rejects.toThrow(/^gmnm: the loss of row 0 is (Infinity|NaN); dead/);
  });
});

describe("fit", () => {
  const lame = withDead(gmnm(2, 1, { numComponents: 16 }), data.x, Array.from({ length: 13 }, (_, k) => k)); // biome-ignore format: one line
  const options = { ...fast, epochs: 120, progress: false } as const;
  const deadIn = ({ layer, params }: Model) =>
    describeComponents(layer.config, params, data.x).filter(({ dead }) => dead).length;

  test.each(["native", "wasm"] as const)(
    "moves dead components after the epochs it is told, on %s",
    async (executor) => {
      const before = liveBuffers();
      const without = await fit(lame, data, { ...options, executor });
      const having = await fit(lame, data, { ...options, executor, reseedAfter: [10, 30] });
      expect(liveBuffers()).toBe(before);
      expect(deadIn(without.model)).toBe(13);
      expect(deadIn(having.model)).toBe(0);
      const losses = [without, having].map(({ history }) => history.map(({ loss }) => loss));
      expect(losses[1].slice(0, 10)).toEqual(losses[0].slice(0, 10));
      expect(losses[1][10] / losses[0][10]).toBeCloseTo(1, 3);
      expect(losses[1].at(-1)).toBeLessThan(losses[0].at(-1)! / 4);
    },
  );

  test("says so where there is no mixture", async () => {
    await expect(fit(linear(2, 1), data, { epochs: 2, reseedAfter: [1] })).rejects.toThrow(
      "gmnm: there is no gmnm or rbf layer in this model of type linear",
    );
  });
});
