import { describe, expect, test } from "vitest";
import type { Model } from "../../src/model.ts";
import { gmnm, layerNorm, linear, rbf, sequential } from "../../src/nn/index.ts";
import { countParameters } from "../../src/params.ts";
import { Random } from "../../src/random.ts";
import { type Tensor, tensor } from "../../src/tensor.ts";
import { fit, initialParams } from "../../src/train/fit.ts";
import { accuracy, evaluate, predict, prune } from "../../src/train/index.ts";
import { maxDifference } from "../forward.ts";
import { liveBuffers } from "../live-buffers.ts";
import { fast, waves } from "./examples.ts";

const data = waves(200);
const trained = async () => (await fit(gmnm(2, 1, { numComponents: 24 }), data, { ...fast, epochs: 200 })).model;
const componentsOf = ({ layer }: Model) => layer.config.numComponents;

/** A mixture of one feature whose components have weights 1, −8, 2, 4 on centres far from each other; the last two lie outside the data. */
function designed(): { model: Model; x: Tensor } {
  const layer = gmnm(1, 1, { numComponents: 6, bias: false });
  const params = {
    centers: tensor([0, 10, 20, 30, 400, 500], [6, 1]),
    projections: tensor([1, 1, 1, 1, 1, 1], [1, 1, 6]),
    weights: tensor([1, -8, 2, 4, 100, 1000], [6, 1]),
  };
  return { model: { layer, params }, x: tensor(Float32Array.from({ length: 4 }, (_, i) => 10 * i), [4, 1]) }; // biome-ignore format: one line
}

describe("what is kept", () => {
  test.each([
    [4, [0, 10, 20, 30]],
    [3, [10, 20, 30]],
    [0.34, [10, 30]],
    [1, [10]],
  ])("with keep %f is largest in |π| · mean activation, and in the old order", async (keep, centers) => {
    const { model, x } = designed();
    const { model: smaller, components } = await prune(model, { x, y: await predict(model, x) }, { keep });
    const params = smaller.params as Record<string, Tensor>;
    expect([...params.centers.data]).toEqual(centers);
    expect(params.projections.shape).toEqual([1, 1, centers.length]);
    expect(components).toEqual({ before: 6, after: centers.length });
    expect(componentsOf(smaller)).toBe(centers.length);
    expect(componentsOf(model)).toBe(6);
  });

  test("without loss is what the data sees", async () => {
    const { model, x } = designed();
    const { data: made } = await predict(model, x);
    // Squared errors of 1 on every row: a component of weight w adds w² / 4, and the first to go would more than double the error.
    const y = tensor(made.map((value) => value + 1), x.shape); // biome-ignore format: one line
    const { components, error } = await prune(model, { x, y }, { keepError: 0 });
    expect(components.after).toBe(4);
    expect(error.after).toBeCloseTo(error.before, 5);
    expect((await prune(model, { x, y }, { keepError: 0.8 })).components.after).toBe(3);
  });

  test.each([0, 0.02, 0.5, 5])("with keepError %f keeps the error, and one less would not", async (keepError) => {
    const model = await trained();
    const before = liveBuffers();
    const { model: smaller, components, error } = await prune(model, data, { keepError });
    expect(liveBuffers()).toBe(before);
    expect(error.before).toBeCloseTo((await evaluate(model, data)).rmse ** 2, 10);
    expect(error.after).toBeCloseTo((await evaluate(smaller, data)).rmse ** 2, 10);
    expect(error.after).toBeLessThanOrEqual(error.before * (1 + keepError));
    const { error: less } = await prune(model, data, { keep: components.after - 1 });
    expect(less.after).toBeGreaterThan(error.before * (1 + keepError));
  });

  test("by an error of one's own", async () => {
    const { model, x } = designed();
    const error = () => 1;
    const { components } = await prune(model, { x, y: x }, { keepError: 0, error });
    expect(components).toEqual({ before: 6, after: 1 });
    const twoClasses = { layer: sequential(rbf(1, 2, { numComponents: 8 })), params: {} as never };
    const params = initialParams(twoClasses.layer, new Random(1), x);
    const y = tensor([1, 0, 0, 1, 1, 0, 0, 1], [4, 2]);
    const wrong = (p: Tensor, t: Tensor) => 1 - accuracy(p, t);
    const found = await prune({ ...twoClasses, params }, { x, y }, { keepError: 0, error: wrong });
    expect(found.error.after).toBeLessThanOrEqual(found.error.before);
  });
});

describe("weights fitted anew", () => {
  test.each([{}, { partitionOfUnity: true }, { bias: false }, { skip: true }])(
    "keep far more of what a mixture with %j says",
    async (options) => {
      const { model } = await fit(gmnm(2, 1, { numComponents: 24, ...options }), data, { ...fast, epochs: 200 });
      const [cut, fitted] = [false, true].map((refit) => prune(model, data, { keep: 12, refit }));
      expect((await fitted).error.after).toBeLessThan((await cut).error.after / 4);
    },
  );

  test("give back a mixture whose other components repeat it", async () => {
    const { model, x } = designed();
    const params = model.params as Record<string, Tensor>;
    // The third Gaussian stands where the first does, so one of the two can say what both said.
    params.centers.data[2] = 0;
    const y = await predict(model, x);
    const { model: smaller, error } = await prune(model, { x, y }, { keep: 3 });
    expect(error.after).toBeLessThan(1e-8);
    expect([...(smaller.params as Record<string, Tensor>).weights.data].map(Math.round)).toEqual([-8, 3, 4]);
  });
});

describe("the smaller model", () => {
  test.each([
    ["full", gmnm(2, 1, { numComponents: 9 })],
    ["low rank, projected", gmnm(2, 1, { numComponents: 9, covariance: "lowRank", rank: 1, centers: "projected" })],
    [
      "diagonal, a partition of unity",
      gmnm(2, 1, { numComponents: 9, covariance: "diagonal", partitionOfUnity: true }),
    ],
    ["isotropic, projected", gmnm(2, 1, { numComponents: 9, covariance: "isotropic", centers: "projected" })],
    ["rbf", rbf(2, 1, { numComponents: 9 })],
  ])("is the old one without the others: %s", async (_, layer) => {
    const params = initialParams(layer, new Random(1), data.x) as Record<string, Tensor>;
    const { model: smaller } = await prune({ layer, params }, data, { keep: 5, refit: false });
    const kept = smaller.params as Record<string, Tensor>;
    // Of the old one with the others far away and without weight.
    const weights = params.weights.data.map((w) => (kept.weights.data.includes(w) ? w : 0));
    const far: Record<string, Tensor> = { ...params, weights: tensor(weights, [9, 1]) };
    if (layer.config.partitionOfUnity) {
      far.centers = tensor(params.centers.data.map((c, i) => (weights[i >> 1] ? c : 1e4)), [9, 2]); // biome-ignore format: one line
    }
    const [a, b] = [await predict(smaller, data.x), await predict({ layer, params: far }, data.x)];
    expect(maxDifference(a.data, b.data)).toBeLessThan(1e-5);
    expect(countParameters(kept)).toBeLessThan(countParameters(params));
  });

  test("prunes mixtures inside others, each to one component at least, and trains further", async () => {
    const inner = sequential(layerNorm(6), gmnm(6, 4, { numComponents: 12, weightScale: 3 }));
    const layer = sequential(linear(2, 6), inner, gmnm(4, 1, { numComponents: 10 }));
    const { model } = await fit(layer, data, { ...fast, epochs: 60 });
    const { model: smaller, components } = await prune(model, data, { keep: 1 });
    expect(components).toEqual({ before: 22, after: 2 });
    expect(smaller.layer.config).toMatchObject({
      layers: [{}, { layers: [{}, { numComponents: 1, inFeatures: 6 }] }, { numComponents: 1 }],
    });
    const half = (await prune(model, data, { keep: 0.5 })).model;
    const before = await evaluate(half, data);
    const { model: further } = await fit(half, data, { ...fast, epochs: 60 });
    expect((await evaluate(further, data)).rmse).toBeLessThan(before.rmse);
  });
});

describe("refuses", () => {
  test.each([0, -1, 7, 2.5, 1.5, Number.NaN, Infinity])("to keep %f of 6", async (keep) => {
    const { model, x } = designed();
    await expect(prune(model, { x, y: x }, { keep })).rejects.toThrow(
      `gmnm: keep of prune must be a share above 0 and below 1 or a whole number up to 6, got ${keep}`,
    );
  });

  test.each([-0.1, Number.NaN, Infinity, undefined])("a tolerance of %s", async (keepError) => {
    const { model, x } = designed();
    await expect(prune(model, { x, y: x }, { keepError: keepError as number })).rejects.toThrow(
      `gmnm: keepError of prune must be a share of at least 0, such as 0.05, got ${keepError}`,
    );
  });

  test("a model without mixtures, data that does not fit, and errors that are none", async () => {
    const { model, x } = designed();
    const line = { layer: linear(1, 1), params: initialParams(linear(1, 1), new Random(1)) };
    await expect(prune(line, { x, y: x }, { keep: 1 })).rejects.toThrow(
      "gmnm: there is no gmnm or rbf layer in this model of type linear",
    );
    await expect(prune(model, { x, y: [1] }, { keep: 1 })).rejects.toThrow("gmnm: y has 1 numbers");
    await expect(prune(model, { x, y: x }, { keep: 1, error: () => Number.NaN })).rejects.toThrow(
      "gmnm: the error of the model is NaN; there is nothing to keep",
    );
  });
});
