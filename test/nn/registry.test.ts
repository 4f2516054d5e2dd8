import fc from "fast-check";
import { expect, test } from "vitest";
import { GmnmError } from "../../src/errors.ts";
import { activation } from "../../src/nn/elementwise.ts";
import type { LayerConfig } from "../../src/nn/layer.ts";
import { builtInLayers, fromConfig } from "../../src/nn/registry.ts";
import { sequential } from "../../src/nn/sequential.ts";
import { layerCases } from "../contract/cases.ts";

const types = Object.keys(builtInLayers);
const configs = layerCases.map(({ layer }) => layer.config);
const optionNames = [...new Set(configs.flatMap((config) => Object.keys(config)))];

/** Anything a JSON file can hold, and some things it cannot. */
const garbage = fc.oneof(
  fc.anything({ withBigInt: true, withNullPrototype: true, withSparseArray: true, withTypedArray: true }),
  fc.jsonValue(),
  fc.constantFrom(Number.NaN, Infinity, -Infinity, -0, 1e308, 2 ** 53, -1, 1e-320, Symbol("s"), () => 1, {
    toString: 1,
  }),
  fc.constantFrom([[]], [[[0, 1]]], [[0, 1, 2]], [[1, 0]], [[0, Infinity]], ["relu"]),
);
const keys = fc.oneof(fc.constantFrom(...optionNames, "__proto__", "constructor", "toString"), fc.string());
/** An object with own keys such as "__proto__". */
const record = (entries: [string, unknown][]) => Object.fromEntries(entries) as LayerConfig;

/** The layer's config, or undefined where it was refused as it should be. */
function build(config: unknown): LayerConfig | undefined {
  try {
    return fromConfig(config as LayerConfig).config;
  } catch (error) {
    if (error instanceof GmnmError) return undefined;
    throw error;
  }
}

test("whatever it is given, it throws a GmnmError or builds a layer whose config builds the same layer", () => {
  const options = fc.array(fc.tuple(keys, garbage), { maxLength: 6 });
  const config = fc.oneof(
    garbage,
    fc
      .tuple(fc.oneof(fc.constantFrom<unknown>(...types), garbage), options)
      .map(([type, o]) => record([["type", type], ...o])),
    fc.tuple(fc.constantFrom(...configs), options).map(([valid, o]) => record([...Object.entries(valid), ...o])),
    fc.array(garbage).map((layers) => ({ type: "sequential", layers })),
  );
  fc.assert(
    fc.property(config, (anything) => {
      const built = build(anything);
      if (built) expect(build(JSON.parse(JSON.stringify(built)))).toEqual(built);
    }),
    { numRuns: 2000 },
  );
});

test("one option it does not know is enough to refuse a config", () => {
  const unknown = fc.tuple(keys, garbage).filter(([key]) => !optionNames.includes(key));
  fc.assert(
    fc.property(fc.constantFrom(...configs), unknown, (valid, option) => {
      expect(build(record([...Object.entries(valid), option]))).toBeUndefined();
    }),
    { numRuns: 300 },
  );
});

test.each([
  undefined,
  null,
  3,
  "gmnm",
  [],
  {},
  { type: "toString" },
  { type: "__proto__" },
  { type: ["gmnm"] },
  { type: 1n },
])("refuses %o for a config and lists the types there are", (config) => {
  expect(() => fromConfig(config as never)).toThrow(`a layer's type must be one of ${types.join(", ")}, got`);
});

test("a sequential of a hundred levels is built", () => {
  let config: LayerConfig = { type: "activation", name: "relu" };
  for (let i = 0; i < 100; i++) config = { type: "sequential", layers: [config] };
  expect(fromConfig(config).config).toEqual(config);
});

test("builders of one's own come before the built-in ones, at every depth", () => {
  const own = { linear: () => activation("sin"), wave: () => activation("sin") };
  const inner = { type: "wave", speed: 3 };
  const built = fromConfig({ type: "sequential", layers: [inner, { type: "linear" }] }, own);
  expect(built.config).toEqual(sequential(activation("sin"), activation("sin")).config);
  expect(() => fromConfig(inner)).toThrow('got "wave"');
});
