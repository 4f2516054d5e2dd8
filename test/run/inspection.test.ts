import { describe, expect, it } from "vitest";
import { additiveGmnm, gmnm, linear, sequential } from "../../src/nn/index.ts";
import { Random } from "../../src/random.ts";
import { inspectModel } from "../../src/run/inspection.ts";
import type { Preprocessing } from "../../src/table/preprocessing.ts";
import { tensor } from "../../src/tensor.ts";
import { initialParams } from "../../src/train/fit.ts";

const number = (name: string, center: number, scale: number, flag = false) =>
  ({ kind: "number", name, transform: "identity", center, scale, fill: center, flag }) as const;

const preprocessing: Preprocessing = {
  format: "gmnm preprocessing",
  version: 1,
  inputs: [
    number("age", 40, 10, true),
    { kind: "category", name: "city", levels: ["Bonn", "Rome"] },
    number("noise", 0, 1),
  ],
  target: { kind: "numbers", columns: [{ name: "price", transform: "identity", center: 100, scale: 50 }] },
  ignored: [],
};

/** Features: age, age is missing, Bonn, Rome, noise. */
const random = new Random(3);
const x = tensor(
  Array.from({ length: 300 }, () => {
    const bonn = random.integer(2);
    return [random.gaussian(), 0, bonn, 1 - bonn, random.gaussian()];
  }).flat(),
  [300, 5],
);

const oneGaussian = {
  layer: gmnm(5, 1, { numComponents: 2, covariance: "diagonal", skip: false }),
  params: {
    // (components, features)
    centers: tensor([1, 0, 0, 0, 0, 50, 0, 0, 0, 0], [2, 5]),
    // (features, components): narrow in age, blind in all else; the second is far from all rows
    projections: tensor([2, 1, 0, 0, 0, 0, 0, 0, 0, 0], [5, 2]),
    weights: tensor([-0.5, 1], [2, 1]),
    bias: tensor([0], [1]),
  },
};

describe("inspectModel", () => {
  it("says where a Gaussian lies in the units of the table, and what it adds in the target's", async () => {
    const { components, parameters, architecture } = await inspectModel(oneGaussian, preprocessing, x);
    expect(architecture).toEqual(["gmnm 5 → 1: 2 Gaussians, diagonal"]);
    expect(parameters).toBe(23);
    const [alive, dead] = components;
    expect(alive).toMatchObject({ weight: [-25], dead: false, share: 1 });
    expect(alive.places).toHaveLength(1);
    expect(alive.places[0]).toMatchObject({ input: "age", center: 50, low: 45, high: 55 });
    expect(alive.places[0].width).toBeCloseTo(0.5, 1);
    expect(dead).toMatchObject({ dead: true, share: 0 });
  });

  it("finds what the predictions hang on, and how", async () => {
    const { influences } = await inspectModel(oneGaussian, preprocessing, x);
    expect(influences[0].input).toBe("age");
    expect(influences[0].share).toBeGreaterThan(0.8);
    expect(influences.slice(1).every(({ share }) => share === 0)).toBe(true);
    // Deepest at 50, where the Gaussian of weight −25 is; far from it the bias of 100.
    const { at, mean } = influences[0];
    const lowest = mean.reduce((best, [y], i) => (y < mean[best][0] ? i : best), 0);
    expect(at[lowest]).toBeCloseTo(50, -1);
    expect(mean[lowest][0]).toBeCloseTo(75, 0);
    expect(mean[0][0]).toBeCloseTo(100, 0);
  });

  it("asks about a category level by level, with the other levels off", async () => {
    const model = {
      layer: linear(5, 1),
      params: { weights: tensor([0, 0, 1, 3, 0], [5, 1]), bias: tensor([0], [1]) },
    };
    const { influences, components } = await inspectModel(model, preprocessing, x);
    expect(components).toEqual([]);
    expect(influences[0]).toMatchObject({ input: "city", at: ["Bonn", "Rome"], mean: [[150], [250]] });
  });

  it("tells of Gaussians along single features how many there are, and what they add up to", async () => {
    const layer = sequential(additiveGmnm(5, 3), additiveGmnm(3, 1));
    const { architecture, components, influences } = await inspectModel(
      { layer, params: initialParams(layer, new Random(1), x) },
      preprocessing,
      x,
    );
    expect(architecture.slice(1)).toEqual([
      "  additiveGmnm 5 → 3: 8 Gaussians per feature",
      "  additiveGmnm 3 → 1: 8 Gaussians per feature",
    ]);
    expect(components).toEqual([]);
    expect(influences).toHaveLength(3);
  });
});
