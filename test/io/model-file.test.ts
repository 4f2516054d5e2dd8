import { describe, expect, test } from "vitest";
import { declaredSize, isPlausible, sizedTypes } from "../../src/io/declared-size.ts";
import { decodeModel, encodeModel } from "../../src/io/model-file.ts";
import type { Model } from "../../src/model.ts";
import { gmnm, linear, rbf } from "../../src/nn/index.ts";
import { builtInLayers } from "../../src/nn/registry.ts";
import { namedTensors, type ParamTensors } from "../../src/params.ts";
import { sizeOf } from "../../src/tensor.ts";
import { layerCases } from "../contract/cases.ts";
import { shapesOf } from "../contract/points.ts";
import { started } from "./started.ts";

const numbersIn = (params: ParamTensors) => namedTensors(params).reduce((sum, [, { shape }]) => sum + sizeOf(shape), 0);

const box: [number, number][] = [
  [0, 1],
  [2, 3],
  [-1, 1],
];
/** Every layer of the contract, and mixtures that start otherwise than by default. */
const models: [string, Model][] = [
  ...layerCases.map((given): [string, Model] => [given.name, started(given.layer, ...shapesOf(given)[0])]),
  ["gmnm from rows", started(gmnm(3, 2, { numComponents: 5, initializer: "sampled" }))],
  ["gmnm in a box", started(gmnm(3, 1, { domain: box }))],
  ["gmnm of many features", started(gmnm(30, 10, { initializer: "kMeans" }), 30)],
  ["rbf of more features than can be spaced", started(rbf(30, 1), 30)],
];

describe("round trip", () => {
  test.each(models)("%s", (_, model) => {
    const read = decodeModel(encodeModel(model));
    expect(read.params).toEqual(model.params);
    expect(read.layer.config).toEqual(model.layer.config);
  });

  test("covers every built-in layer", () => {
    const types = models.flatMap(([, { layer }]) => layer.config.type);
    expect(new Set(types)).toEqual(new Set(Object.keys(builtInLayers)));
  });

  test("a layer of the caller's own", () => {
    const build = (features: number) => ({ ...linear(features, features), config: { type: "square", features } });
    const layers = { square: ({ features }: Record<string, unknown>) => build(features as number) };
    const bytes = encodeModel(started(build(3)));
    expect(decodeModel(bytes, { layers }).layer.config).toEqual({ type: "square", features: 3 });
    expect(() => decodeModel(bytes)).toThrow(/^gmnm: model: a layer's type must be one of .*, got "square"$/);
  });
});

describe("declared sizes", () => {
  test("are known for every built-in layer", () => {
    expect([...sizedTypes].sort()).toEqual(Object.keys(builtInLayers).sort());
  });

  test.each(models)(
    "%s: never more than twice, nor less than a quarter of what the model holds",
    (_, { layer, params }) => {
      expect(declaredSize(layer.config)).toBeLessThanOrEqual(2 * numbersIn(params));
      expect(declaredSize(layer.config)).toBeGreaterThanOrEqual(numbersIn(params) / 4);
    },
  );

  test("a large model is plausible with its own numbers only", () => {
    expect(isPlausible(linear(2000, 2000).config, 4_002_000)).toBe(true);
    expect(isPlausible(linear(2000, 2000).config, 2_000)).toBe(false);
  });
});
