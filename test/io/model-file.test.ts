import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { GmnmError } from "../../src/errors.ts";
import { declaredSize, isPlausible, sizedTypes } from "../../src/io/declared-size.ts";
import { decodeModel, encodeModel } from "../../src/io/model-file.ts";
import { decodeSafetensors, encodeSafetensors } from "../../src/io/safetensors.ts";
import type { Model } from "../../src/model.ts";
import {
  type AnyLayer,
  activation,
  aroundLastValue,
  avgPool2d,
  batchNorm,
  conv2d,
  decomposition,
  dropout,
  fastKan,
  flatten,
  gaussianAttention,
  gaussianMixtureActivation,
  gaussianMixtureConv2d,
  globalAvgPool1d,
  globalAvgPool2d,
  gmnm,
  gmnmLstm,
  gru,
  kan,
  layerNorm,
  linear,
  lstm,
  maxPool2d,
  multiHeadAttention,
  overTime,
  patchTokens,
  positions,
  rbf,
  residual,
  sequential,
  unflatten,
} from "../../src/nn/index.ts";
import { builtInLayers } from "../../src/nn/registry.ts";
import { disposeParams, namedTensors, type ParamTensors, readParams } from "../../src/params.ts";
import { Random } from "../../src/random.ts";
import { sizeOf, tensor } from "../../src/tensor.ts";

/** A model of a layer started on ten random rows, or examples of another shape. */
function started(layer: AnyLayer, ...example: number[]): Model {
  const params = layer.init(new Random(1), new Random(2).normal([10, ...(example.length ? example : [3])]));
  const model = { layer, params: readParams(params) };
  disposeParams(params);
  return model;
}

const numbersIn = (params: ParamTensors) => namedTensors(params).reduce((sum, [, { shape }]) => sum + sizeOf(shape), 0);

const covariances = ["full", "lowRank", "diagonal", "isotropic"] as const;
const models: [string, Model][] = [
  ...covariances.flatMap((covariance): [string, Model][] => [
    [`gmnm, ${covariance}`, started(gmnm(3, 2, { covariance, numComponents: 5, initializer: "sampled" }))],
    [
      `gmnm, ${covariance}, projected`,
      started(gmnm(3, 2, { covariance, centers: "projected", skip: true, bias: false })),
    ],
  ]),
  [
    "gmnm in a box",
    started(
      gmnm(3, 1, {
        domain: [
          [0, 1],
          [2, 3],
          [-1, 1],
        ],
      }),
    ),
  ],
  ["gmnm of many features", started(gmnm(30, 10, { initializer: "kMeans" }), 30)],
  ["rbf", started(rbf(3, 1))],
  ["rbf of more features than can be spaced", started(rbf(30, 1), 30)],
  ["kan", started(kan(3, 2))],
  ["fastKan", started(fastKan(3, 2))],
  ["linear", started(linear(3, 2))],
  ["activation", started(activation("gelu"))],
  ["gaussianMixtureActivation", started(gaussianMixtureActivation(8))],
  ["layerNorm", started(layerNorm(3))],
  ["layerNorm without parameters", started(layerNorm(3, { affine: false }))],
  ["dropout", started(dropout(0.5))],
  ["conv2d", started(conv2d(3, 4, { strides: 2, padding: 1 }))],
  ["conv2d in groups", started(conv2d(4, 8, { groups: 4, bias: false }))],
  ["gaussianMixtureConv2d", started(gaussianMixtureConv2d(2, 3, { rank: 2, skip: true }), 4, 4, 2)],
  ["batchNorm", started(batchNorm(3))],
  ["residual", started(residual(gmnm(6, 6)), 6)],
  ["maxPool2d", started(maxPool2d({ size: 3 }))],
  ["avgPool2d", started(avgPool2d())],
  ["globalAvgPool2d", started(globalAvgPool2d())],
  ["flatten", started(flatten())],
  ["lstm", started(lstm(3, 4))],
  ["gru", started(gru(3, 4, { returnSequence: true }))],
  ["multiHeadAttention", started(multiHeadAttention(8))],
  ["gaussianAttention", started(gaussianAttention(8, { normalize: false }))],
  ["gmnmLstm", started(gmnmLstm(3, 4, { placement: "gates" }))],
  ["patchTokens", started(patchTokens(2))],
  ["positions", started(positions(3, 4))],
  ["globalAvgPool1d", started(globalAvgPool1d())],
  ["unflatten", started(unflatten([2, 3]))],
  ["residual", started(residual(gmnm(6, 6)), 6)],
  ["overTime", started(overTime(linear(6, 3)), 6, 2)],
  ["aroundLastValue", started(aroundLastValue(overTime(linear(6, 3))), 6, 2)],
  ["decomposition", started(decomposition(overTime(linear(6, 3)), overTime(rbf(6, 3)), { window: 5 }), 6, 2)],
  ["sequential", started(sequential(layerNorm(3), dropout(0.1), sequential(rbf(3, 4), activation("tanh")), kan(4, 1)))],
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

/** A model file with any description and no tensors but one number. */
const described = (config: unknown, metadata: Record<string, string> = {}) =>
  encodeSafetensors([["w", tensor([1], [])]], {
    format: "gmnm",
    version: "1",
    config: typeof config === "string" ? config : JSON.stringify(config),
    ...metadata,
  });

describe("hostile files", () => {
  const small = started(gmnm(2, 1, { numComponents: 4 }), 2);
  const { tensors, metadata } = decodeSafetensors(encodeModel(small));
  const change = (edit: (copy: typeof tensors) => void) => {
    const copy = new Map(tensors);
    edit(copy);
    return encodeSafetensors(copy, metadata);
  };
  const e9 = 1_000_000_000;

  test.each<[string, Uint8Array, string]>([
    ["no metadata", encodeSafetensors([]), "a safetensors file, but not a gmnm model"],
    ["another format", described({}, { format: "pt" }), "a safetensors file, but not a gmnm model"],
    ["a later version", described({}, { version: "2" }), "a model file of version 2, but this library reads version 1"],
    ["a description that is not JSON", described("{"), "the layer's description is not JSON"],
    ["null as description", described(null), "a layer's type must be one of"],
    ["an unknown option", described({ type: "linear", inFeatures: 1, outFeatures: 1, __proto__x: 1 }), "no option"],
    ["a type from the prototype", described({ type: "constructor" }), 'got "constructor"'],
    [
      "a billion components",
      described({ type: "gmnm", inFeatures: 2, outFeatures: 1, numComponents: e9 }),
      "far more numbers than the 1 it holds",
    ],
    ["a billion features", described({ type: "linear", inFeatures: e9, outFeatures: e9 }), "far more numbers"],
    [
      "a skip of a billion features",
      described({ type: "gmnm", inFeatures: e9, outFeatures: e9, numComponents: 1 }),
      "far more numbers",
    ],
    [
      "a million Gaussians per channel",
      described({ type: "gaussianMixtureActivation", channels: 1, numComponents: 1e6 }),
      "far more numbers",
    ],
    [
      "many middling layers",
      described({
        type: "sequential",
        layers: new Array(5).fill({ type: "linear", inFeatures: 999, outFeatures: 999 }),
      }),
      "far more numbers",
    ],
    [
      "a description nested too deep",
      described(`${'{"type":"sequential","layers":['.repeat(1e5)}${"]}".repeat(1e5)}`),
      "model: ",
    ],
    ["a missing tensor", change((copy) => copy.delete("weights")), 'tensor "weights" of shape (4, 1) is missing'],
    ["a tensor too many", change((copy) => copy.set("w", tensor([], [0]))), 'tensor "w" does not belong to this model'],
    [
      "a wrong shape",
      change((copy) => copy.set("weights", tensor([1, 2, 3, 4], [4]))),
      'tensor "weights" must have shape (4, 1), got (4)',
    ],
    ["NaN", change((copy) => copy.set("bias", tensor([NaN], [1]))), 'tensor "bias" has NaN at position 0'],
  ])("%s", (_, bytes, sentence) => {
    expect(() => decodeModel(bytes)).toThrow(GmnmError);
    expect(() => decodeModel(bytes)).toThrow(/^gmnm: model: (?!gmnm:)/);
    expect(() => decodeModel(bytes)).toThrow(sentence);
  });

  test("a model that is not finite is not written", () => {
    const params = { ...(small.params as object), bias: tensor([Infinity], [1]) } as ParamTensors;
    expect(() => encodeModel({ ...small, params })).toThrow('gmnm: tensor "bias" has Infinity at position 0');
  });

  test("2000 random descriptions, nearly right or not, are read or refused", () => {
    const size = fc.oneof(fc.integer({ min: -1, max: 9 }), fc.maxSafeInteger(), fc.double(), fc.jsonValue());
    const keys = [
      "inFeatures",
      "outFeatures",
      "numComponents",
      "rank",
      "covariance",
      "gridSize",
      "numGrids",
      "channels",
    ];
    const options = fc.dictionary(
      fc.constantFrom(...keys, "features", "width", "domain", "range", "name", "__proto__"),
      size,
    );
    const plain = fc
      .tuple(fc.constantFrom(...sizedTypes, "__proto__", "toString"), options)
      .map(([type, found]): object => ({ type, ...found }));
    const list = fc.array(plain, { maxLength: 3 }).map((layers): object => ({ type: "sequential", layers }));
    const layer = fc.oneof(plain, list);
    fc.assert(
      fc.property(layer, (config) => {
        try {
          decodeModel(described(config));
        } catch (error) {
          if (!(error instanceof GmnmError)) throw error;
        }
      }),
      { numRuns: 2000 },
    );
  });

  test("each bit of a model file may flip: a model, or one sentence", () => {
    const valid = encodeModel(small);
    for (let bit = 0; bit < valid.length * 8; bit += 3) {
      const damaged = valid.slice();
      damaged[bit >> 3] ^= 1 << (bit & 7);
      try {
        decodeModel(damaged);
      } catch (error) {
        if (!(error instanceof GmnmError)) throw error;
      }
    }
  });
});
