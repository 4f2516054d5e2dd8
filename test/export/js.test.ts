import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { predictInDouble } from "../../src/export/compare.ts";
import { toJs } from "../../src/export/js.ts";
import { jsLayers } from "../../src/export/js-layers.ts";
import { typesOf } from "../../src/export/pieces.ts";
import { conv2d, gmnm, linear, mlp, multiHeadAttention, sequential } from "../../src/index.ts";
import { builtInLayers } from "../../src/nn/registry.ts";
import { decodeJsonRows, encodeJsonRows } from "../../src/table/json-rows.ts";
import type { Tensor } from "../../src/tensor.ts";
import { novelty } from "../../src/train/novelty.ts";
import { predict } from "../../src/train/predict.ts";
import { normal } from "../contract/points.ts";
import { relativeError } from "../gradients.ts";
import { exportCases } from "./layer-cases.ts";
import { importSource, nested } from "./modules.ts";
import {
  mixedInputs,
  mixedRows,
  number,
  numbers,
  plainSeries,
  plainTable,
  randomRows,
  started,
  tableOf,
} from "./samples.ts";
import { cellText } from "./texts.ts";

const flat = (values: unknown): number[] => (values as unknown[]).flat(9) as number[];

describe("every layer says what it says here", () => {
  test.each(exportCases)("$name", async ({ model, x }) => {
    const { model: exported } = await importSource(toJs(model, plainTable(1, 1)), "model");
    const said = flat(nested(x).map((row) => exported!(row)));
    // Both in float64: what is left are constants that layers hold in float32, such as the grid of a FastKAN and 1/window.
    expect(relativeError(said, (await predictInDouble(model, x)).data)).toBeLessThan(1e-6);
    // `predict` computes in float32: some hundred roundings of 6e-8 each, relative to the largest terms of the sums.
    expect(relativeError(said, (await predict(model, x)).data)).toBeLessThan(1e-5);
  });

  test("there is a case for every layer with an evaluator", () => {
    const covered = new Set(exportCases.flatMap(({ model }) => [...typesOf(model.layer.config)]));
    const missing = Object.keys(builtInLayers).filter((type) => type in jsLayers && !covered.has(type));
    expect(missing).toEqual([]);
  });
});

test("mixtures and networks of any options say what they say here", async () => {
  const config = fc.record({
    inFeatures: fc.integer({ min: 1, max: 7 }),
    outFeatures: fc.integer({ min: 1, max: 3 }),
    numComponents: fc.integer({ min: 1, max: 9 }),
    covariance: fc.constantFrom("full", "lowRank", "diagonal", "isotropic"),
    aggregate: fc.constantFrom("norm", "sum"),
    centers: fc.constantFrom("explicit", "projected"),
    rank: fc.integer({ min: 1, max: 4 }),
    bias: fc.boolean(),
    skip: fc.boolean(),
    partitionOfUnity: fc.boolean(),
    hidden: fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined }),
    seed: fc.integer({ min: 1, max: 1e6 }),
  });
  await fc.assert(
    fc.asyncProperty(config, async ({ inFeatures, outFeatures, hidden, seed, ...options }) => {
      const mixture = (d: number) => gmnm(d, outFeatures, { ...options, initializer: "random" } as never);
      const layer = hidden ? sequential(mlp([inFeatures, hidden, hidden]), mixture(hidden)) : mixture(inFeatures);
      const model = started(layer, seed);
      const x = normal([3, inFeatures], seed);
      const { model: exported } = await importSource(toJs(model, plainTable(1, 1)), "model");
      const said = flat(nested(x).map((row) => exported!(row)));
      expect(relativeError(said, (await predictInDouble(model, x)).data)).toBeLessThan(1e-6);
    }),
    { numRuns: 60 },
  );
});

describe("rows", () => {
  test("of numbers, categories and dates, with what is missing", async () => {
    const model = started(gmnm(10, 2));
    const preprocessing = tableOf(
      mixedInputs,
      {
        kind: "numbers",
        columns: [
          { name: "price", transform: "signedLog", center: 1, scale: 0.5 },
          { name: "rent", transform: "identity", center: -7, scale: 3 },
        ],
      },
      [{ name: "id", reason: "an identifier" }],
    );
    const exported = await importSource(toJs(model, preprocessing));
    const rows = mixedRows.map((row, id) => ({ ...row, id, price: "?" }));
    const x = encodeJsonRows(rows, preprocessing);
    const expected = decodeJsonRows(await predictInDouble(model, x), preprocessing);
    const said = exported.predict(rows);
    for (const [i, row] of said.entries()) {
      expect(Object.keys(row)).toEqual(["price", "rent"]);
      for (const name of ["price", "rent"])
        expect(row[name]).toBeCloseTo((expected[i] as Record<string, number>)[name], 9);
    }
    expect(exported.predict(rows[0])).toEqual(said[0]);
    const distances = novelty(model, x);
    exported.novelty!(rows).forEach((distance: number, i: number) => {
      expect(distance).toBeCloseTo(distances[i], 9);
    });
    expect(exported.novelty!(rows[2])).toBeCloseTo(distances[2], 9);
    expect(exported.predict({ day: new Date(Date.UTC(2024, 1, 29)), area: 120, city: "Bonn" })).toEqual(said[0]);
    expect(exported.predict([])).toEqual([]);
  });

  test("of classes: the likeliest, and the probability of each", async () => {
    const model = started(linear(2, 3));
    const target = { kind: "classes", name: "kind", classes: ["a", "b", "__proto__"] } as const;
    const preprocessing = tableOf([number("u"), number("v")], { ...target, classes: [...target.classes] });
    const exported = await importSource(toJs(model, preprocessing));
    const rows = randomRows(["u", "v"], 20);
    const expected = decodeJsonRows(await predictInDouble(model, encodeJsonRows(rows, preprocessing)), preprocessing);
    for (const [i, { label, probabilities }] of exported.predict(rows).entries()) {
      expect(Object.keys(probabilities)).toEqual(target.classes);
      expect(label).toBe(expected[i].label);
      const sum = Object.values<number>(probabilities).reduce((a, b) => a + b);
      expect(sum).toBeCloseTo(1, 12);
    }
    expect(exported.novelty).toBeUndefined();
  });

  test("of a series: the rows to come from those up to now", async () => {
    const { model } = exportCases.find(({ name }) => name === "nlinear")!;
    const preprocessing = { ...plainSeries(8, 3, 2), time: "day" };
    preprocessing.columns[1].transform = "log";
    const exported = await importSource(toJs(model, preprocessing));
    const rows = randomRows(["c0", "c1"], 11).map((row, i) => ({
      ...row,
      c1: Math.exp(row.c1),
      day: `2024-01-${10 + i}`,
    }));
    const expected = decodeJsonRows(await predictInDouble(model, encodeJsonRows(rows, preprocessing)), preprocessing);
    const said = exported.predict(rows);
    expect(said).toHaveLength(3);
    for (const [t, row] of said.entries()) {
      for (const name of ["c0", "c1"]) expect(row[name]).toBeCloseTo((expected[t] as Record<string, number>)[name], 6);
    }
    expect(() => exported.predict(rows.slice(4))).toThrow("a forecast needs the last 8 rows, got 7");
    expect(() => exported.predict(rows.map((row) => ({ ...row, c1: 0 })))).toThrow(
      'row 4, column "c1": expected a number above 0, got 0',
    );
    expect(() => exported.predict(rows.map((row) => ({ ...row, c0: null })))).toThrow('row 4, column "c0"');
  });

  const whole = { area: 1, city: "Bonn", day: null, number: 1 };
  const refused: [string, unknown, string][] = [
    ["a word for a number", [{ ...whole, area: "big" }], 'row 1, column "area": expected a number, got "big"'],
    [
      "an infinite number",
      [whole, { ...whole, area: Infinity }],
      'row 2, column "area": expected a number, got Infinity',
    ],
    [
      "a number out of range",
      [whole, { ...whole, number: 1e300 }],
      'row 2, column "number": expected a smaller number',
    ],
    ["an object for a category", [{ ...whole, city: {} }], 'row 1, column "city": expected text'],
    ["a word for a date", [{ ...whole, day: "soon" }], 'row 1, column "day": expected a date'],
    ["a day that is not there", [{ ...whole, day: "2023-02-29" }], 'row 1, column "day": expected a date'],
    ["a column that is not there", [{ ...whole, aera: 1 }], 'row 1: there is no column "aera"'],
    ["a column that is missing", [{ area: 1 }], 'row 1, column "city": it is not there; null says'],
    ["what is no row", [null], "row 1: expected an object, got null"],
  ];
  test.each(refused)("refused: %s", async (_, rows, sentence) => {
    const preprocessing = tableOf([...mixedInputs, number("number", { scale: 1e-9 })], numbers("y"));
    const exported = await importSource(toJs(started(linear(11, 1)), preprocessing));
    expect(() => exported.predict(rows)).toThrow(sentence);
  });
});

test("cells mean what they mean here, whatever they hold", async () => {
  const inputs = [
    number("n", { flag: true }),
    { kind: "date", name: "d", center: 0, scale: 1, cycles: [7], fill: 1 } as const,
    { kind: "category", name: "c", levels: ["none", "100000", "2024-02-01", "TRUE", "-0.5"] } as const,
  ];
  // A layer that hands features through.
  const identity = started(linear(10, 10));
  const { weights, bias } = identity.params as Record<string, Tensor>;
  weights.data.set(weights.data.map((_, i) => Number(i % 11 === 0)));
  bias.data.fill(0);
  const target = numbers(..."abcdefghij");
  if (target.kind === "numbers") for (const column of target.columns) Object.assign(column, { center: 0, scale: 1 });
  const preprocessing = tableOf(inputs as never, target);
  const exported = await importSource(toJs(identity, preprocessing));
  const outcome = (say: () => ArrayLike<number>) => {
    try {
      return Array.from(say());
    } catch (error) {
      return /expected [^,]+/.exec((error as Error).message)?.[0].slice(0, 15);
    }
  };
  fc.assert(
    fc.property(fc.constantFrom("n", "d", "c"), cellText, (name, text) => {
      const row = { n: 1, d: null, c: null, [name]: text };
      const here = outcome(() => encodeJsonRows([row], preprocessing).data);
      expect(outcome(() => Object.values<number>(exported.predict(row)))).toEqual(here);
    }),
    { numRuns: 3000 },
  );
});

test("the schema is that of a row", async () => {
  const { rowSchema } = await import("../../src/table/row-schema.ts");
  const preprocessing = tableOf(mixedInputs, numbers("y", "__proto__"));
  const { schema } = await importSource(toJs(started(linear(10, 2)), preprocessing));
  expect(schema).toEqual(rowSchema(preprocessing));
  expect(Object.keys(schema.properties as object)).toContain("__proto__");
});

test.each([
  ["conv2d", conv2d(1, 2)],
  ["multiHeadAttention", sequential(linear(2, 4), multiHeadAttention(4))],
])("a layer that has no evaluator is named: %s", (type, layer) => {
  expect(() => toJs(started(layer), plainTable(1, 1))).toThrow(
    `gmnm: cannot export a layer of type ${type} to js; to onnx every layer can be exported`,
  );
});

test("only what a model needs is in its file", () => {
  const source = toJs(started(linear(2, 1)), plainTable(2, 1));
  for (const other of ["gmnm(", "lstm", "novelty", "daysOf", "category"]) expect(source).not.toContain(other);
  expect(source.length).toBeLessThan(7000);
});

test("a parameter that is not finite is refused", () => {
  const model = started(linear(2, 1));
  (model.params as Record<string, Tensor>).weights.data[1] = NaN;
  expect(() => toJs(model, plainTable(2, 1))).toThrow('gmnm: tensor "weights" has NaN at position 1');
});
