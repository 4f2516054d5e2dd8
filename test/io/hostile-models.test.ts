// Model files that come from anywhere: refused in one sentence, before memory is given to what they declare.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { GmnmError } from "../../src/errors.ts";
import { sizedTypes } from "../../src/io/declared-size.ts";
import { decodeModel, encodeModel } from "../../src/io/model-file.ts";
import { decodeSafetensors, encodeSafetensors } from "../../src/io/safetensors.ts";
import { gmnm } from "../../src/nn/index.ts";
import type { ParamTensors } from "../../src/params.ts";
import { tensor } from "../../src/tensor.ts";
import { started } from "./started.ts";

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
