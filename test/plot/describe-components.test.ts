import { describe, expect, test } from "vitest";
import { describeComponents } from "../../src/nn/components.ts";
import { gmnm } from "../../src/nn/gmnm.ts";
import type { Layer } from "../../src/nn/layer.ts";
import { linear } from "../../src/nn/linear.ts";
import { rbf } from "../../src/nn/rbf.ts";
import { type ParamTensors, placeParams, readParams } from "../../src/params.ts";
import { Random } from "../../src/random.ts";
import { type Tensor, tensor, toArray, toTensor } from "../../src/tensor.ts";

const random = new Random(5);
const sample = random.normal([20, 3]);

/** Parameters with every number random, so that nothing hides behind a tidy start. */
function randomParams(layer: Layer): Record<string, Tensor> {
  const params = readParams(layer.init(new Random(1), sample)) as Record<string, Tensor>;
  for (const { data } of Object.values(params)) data.forEach((_, i) => { data[i] = random.gaussian(); }); // biome-ignore format: one line
  return params;
}

const plain = { numComponents: 5, bias: false, skip: false } as const;
const covariances = ["full", "lowRank", "diagonal", "isotropic"] as const;
const layers: [string, Layer][] = [
  ...covariances.flatMap((covariance): [string, Layer][] =>
    (["explicit", "projected"] as const).flatMap((centers): [string, Layer][] =>
      (["norm", "sum"] as const).map((aggregate) => [
        `gmnm ${covariance} ${centers} ${aggregate}`,
        gmnm(3, 2, { ...plain, covariance, centers, aggregate }),
      ]),
    ),
  ),
  ["gmnm as partition of unity", gmnm(3, 2, { ...plain, partitionOfUnity: true })],
];

describe("the mixture built from its description is the layer", () => {
  test.each(layers)("%s", (_, layer) => {
    const params = randomParams(layer);
    const components = describeComponents(layer.config, params, sample);
    const y = toTensor(layer.apply(placeParams(params), toArray(sample)));
    const sums = components.map(() => 0);
    for (let i = 0; i < 20; i++) {
      const x = sample.data.subarray(3 * i, 3 * i + 3);
      let f = components.map(({ center, precision }) => {
        const z = center.map((c, j) => x[j] - c);
        return Math.exp(-0.5 * z.reduce((sum, a, p) => sum + z.reduce((s, b, q) => s + a * precision[p][q] * b, 0), 0));
      });
      const total = f.reduce((a, b) => a + b, 0);
      if (layer.config.partitionOfUnity) f = f.map((value) => value / total);
      for (const [k, value] of f.entries()) sums[k] += value / 20;
      for (const o of [0, 1]) {
        const expected = f.reduce((sum, value, k) => sum + value * components[k].weight[o], 0);
        expect(y.data[2 * i + o]).toBeCloseTo(expected, 4);
      }
    }
    for (const [k, { meanActivation }] of components.entries()) expect(meanActivation).toBeCloseTo(sums[k], 4);
  });

  test("rbf", () => {
    const params = randomParams(rbf(3, 2, { numComponents: 5 }));
    const [{ center, precision, weight }] = describeComponents(rbf(3, 2, { numComponents: 5 }).config, params);
    const s = params.projections.data[0] ** 2;
    expect(center).toEqual([...params.centers.data.subarray(0, 3)]);
    expect(precision).toEqual([[s, 0, 0], [0, s, 0], [0, 0, s]]); // biome-ignore format: a matrix
    expect(weight).toEqual([...params.weights.data.subarray(0, 2)]);
  });
});

test("a projected centre is the nearest to 0 that serves", () => {
  const config = gmnm(3, 1, {
    ...plain,
    numComponents: 1,
    covariance: "lowRank",
    rank: 1,
    centers: "projected",
  }).config;
  const params = {
    projections: tensor([1, 2, 2], [3, 1, 1]),
    offsets: tensor([9], [1, 1]),
    weights: tensor([1], [1, 1]),
  };
  const [{ center }] = describeComponents(config, params);
  for (const [j, expected] of [1, 2, 2].entries()) expect(center[j]).toBeCloseTo(expected, 6);
});

test("a component far from every row is dead", () => {
  const layer = gmnm(2, 1, { numComponents: 2 });
  const params = readParams(layer.init(new Random(1))) as Record<string, Tensor>;
  params.centers.data.set([0, 0, 100, 100]);
  const components = describeComponents(layer.config, params, tensor([0, 0, 0.1, 0], [2, 2]));
  expect(components.map(({ dead }) => dead)).toEqual([false, true]);
  expect(components[0].meanActivation).toBeGreaterThan(0.9);
});

test("errors", () => {
  const layer = gmnm(2, 1, { numComponents: 2 });
  const params = readParams(layer.init(new Random(1)));
  expect(() => describeComponents(linear(2, 1).config, {} as ParamTensors)).toThrow(
    "gmnm: a layer of type linear has no Gaussian components; gmnm and rbf have",
  );
  expect(() => describeComponents(layer.config, params, sample)).toThrow(
    "gmnm: describeComponents expected a sample of shape (rows, 2), got (20, 3)",
  );
});
