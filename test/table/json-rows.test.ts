import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeJsonRows, encodeJsonRows, inputShape, type JsonRow, knownColumns } from "../../src/table/json-rows.ts";
import type { Input, Target } from "../../src/table/preprocessing.ts";
import { rowSchema } from "../../src/table/row-schema.ts";
import { tensor } from "../../src/tensor.ts";
import { mixedInputs, number, numbers, plainSeries, tableOf } from "../export/samples.ts";

const table = tableOf(mixedInputs, numbers("y", "z"), [{ name: "id", reason: "an identifier" }]);
const encode = (row: JsonRow, ...inputs: Input[]) => [
  ...encodeJsonRows([row], inputs.length > 0 ? tableOf(inputs, numbers("y")) : table).data,
];
const whole: JsonRow = { area: 1, city: "Bonn", day: null };
const near = (values: number[]) => values.map((value) => expect.closeTo(value, 6));

describe("a row becomes features", () => {
  test("numbers: transformed, centred, scaled; filled and flagged where they are missing", () => {
    const log = number("v", { transform: "signedLog", center: 1, scale: 0.5, fill: -7, flag: true });
    expect(encode({ v: 3 }, log)).toEqual(near([(Math.log(4) - 1) / 0.5, 0]));
    expect(encode({ v: "-3e0" }, log)).toEqual(near([(-Math.log(4) - 1) / 0.5, 0]));
    const filled = near([(-Math.log(8) - 1) / 0.5, 1]);
    for (const v of [null, "", "NA", " ? "]) expect(encode({ v }, log)).toEqual(filled);
    expect(encode({ v: 4 }, number("v"))).toEqual(near([1.75]));
  });

  test("categories: 1 for their level, 0 in all for what is missing or unknown", () => {
    const city: Input = { kind: "category", name: "c", levels: ["Bonn", "1", "true"] };
    expect(encode({ c: " Bonn" }, city)).toEqual([1, 0, 0]);
    expect(encode({ c: 1 }, city)).toEqual([0, 1, 0]);
    expect(encode({ c: true }, city)).toEqual([0, 0, 1]);
    for (const c of ["Rom", null, "", "bonn"]) expect(encode({ c }, city)).toEqual([0, 0, 0]);
  });

  test("dates: days, and sine and cosine of each cycle", () => {
    const day: Input = { kind: "date", name: "d", center: 10, scale: 2, cycles: [4], fill: 11 };
    const features = (days: number) =>
      near([(days - 10) / 2, Math.sin((Math.PI / 2) * days), Math.cos((Math.PI / 2) * days)]);
    expect(encode({ d: "2000-01-02T12:00Z" }, day)).toEqual(features(1.5));
    expect(encode({ d: null }, day)).toEqual(features(11));
  });

  test("columns are a row's own, whatever they are called", () => {
    const inputs = ["constructor", "toString"].map((name) => number(name));
    expect(encode({ constructor: 2.5, toString: 0.5 }, ...inputs)).toEqual([1, 0]);
    expect(() => encode({ constructor: 2.5 }, ...inputs)).toThrow('column "toString": it is not there');
  });

  test("as many as the model sees", () => {
    expect(inputShape(table)).toEqual([10]);
    expect(encodeJsonRows([whole, whole], table).shape).toEqual([2, 10]);
    expect(inputShape(plainSeries(8, 3, 2))).toEqual([8, 2]);
  });

  const refused: [string, JsonRow, string][] = [
    ["a word", { area: "big" }, 'gmnm: row 2, column "area": expected a number or null, got "big"'],
    ["infinity", { area: Infinity }, 'gmnm: row 2, column "area": expected a number or null, got Infinity'],
    ["a number beyond float32", { steep: 1e300 }, 'gmnm: row 2, column "steep": the number is too large'],
    ["a date with a day too many", { day: "2023-02-29" }, 'gmnm: row 2, column "day": expected a date such as'],
    ["an object", { city: { a: 1 } }, 'gmnm: row 2, column "city": expected a text'],
  ];
  test.each(refused)("refused: %s", (_, row, sentence) => {
    const steep = tableOf([...mixedInputs, number("steep", { scale: 1e-9 })], numbers("y"));
    const all = { ...whole, steep: 0 };
    expect(() => encodeJsonRows([all, { ...all, ...row }], steep)).toThrow(sentence);
  });

  test("features are finite, or the row is refused", () => {
    const row = fc.dictionary(fc.constantFrom("area", "city", "day"), fc.anything());
    fc.assert(
      fc.property(row, (given) => {
        try {
          expect(encodeJsonRows([{ ...whole, ...given }], table).data.every(Number.isFinite)).toBe(true);
        } catch (error) {
          expect((error as Error).message).toMatch(/^gmnm: row 1, column "(area|city|day)": [^\n]+$/);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("a series", () => {
  const series = plainSeries(2, 3, 2);
  series.columns[1] = { name: "c1", transform: "log", center: 1, scale: 0.5 };

  test("is the last rows, standardised", () => {
    const x = encodeJsonRows(
      [
        { c0: 9, c1: 9 },
        { c0: 2, c1: 1 },
        { c0: 4, c1: Math.E },
      ],
      series,
    );
    expect(x.shape).toEqual([1, 2, 2]);
    expect([...x.data]).toEqual(near([1, -2, 2, 0]));
  });

  test("comes back as the rows to come", () => {
    const steps = decodeJsonRows(tensor([1, 0, 2, 2], [1, 2, 2]), series) as Record<string, number>[];
    expect(steps).toEqual([
      { c0: 2, c1: expect.closeTo(Math.E) },
      { c0: 4, c1: expect.closeTo(Math.exp(2)) },
    ]);
  });

  test("refuses holes, and what has no logarithm", () => {
    expect(() => encodeJsonRows([{ c0: 1, c1: 1 }, { c0: 1 }], series)).toThrow(
      'row 2, column "c1": expected a number, got "undefined"; a series',
    );
    expect(() =>
      encodeJsonRows(
        [
          { c0: 1, c1: 0 },
          { c0: 1, c1: 1 },
        ],
        series,
      ),
    ).toThrow('row 1, column "c1": this series is');
    expect(() => encodeJsonRows([{ c0: 1, c1: 1 }], series)).toThrow(
      "a forecast needs the last 2 rows of the series, got 1",
    );
  });
});

describe("outputs become predictions", () => {
  const decoded = (outputs: number[], target: Target) =>
    decodeJsonRows(tensor(outputs, [1, outputs.length]), tableOf([], target))[0];

  test("numbers in their units", () => {
    const target = structuredClone(numbers("a", "b"));
    if (target.kind === "numbers") target.columns[1].transform = "signedLog";
    expect(decoded([2, -2.2], target)).toEqual({ a: 10, b: expect.closeTo(-Math.expm1(1), 5) });
  });

  test("classes with probabilities, however large the logits", () => {
    const target: Target = { kind: "classes", name: "k", classes: ["a", "b"] };
    expect(decoded([0, Math.log(3)], target)).toEqual({
      label: "b",
      probabilities: { a: expect.closeTo(0.25, 6), b: expect.closeTo(0.75, 6) },
    });
    expect(decoded([1e30, -1e30], target)).toEqual({ label: "a", probabilities: { a: 1, b: 0 } });
  });

  test("what is not finite is refused", () => {
    expect(() => decoded([NaN], numbers("a"))).toThrow("gmnm: row 1: the prediction is not finite");
    expect(() => decoded([Infinity, 1], { kind: "classes", name: "k", classes: ["a", "b"] })).toThrow("is not finite");
  });
});

test("the schema of a row names the columns that are read, and those that may be there", () => {
  expect(knownColumns(table)).toEqual({ read: ["area", "city", "day"], unused: ["y", "z", "id"] });
  const schema = rowSchema(table) as { properties: Record<string, unknown>; additionalProperties: boolean };
  expect(Object.keys(schema.properties)).toEqual(["area", "city", "day", "y", "z", "id"]);
  expect(schema.additionalProperties).toBe(false);
  expect(rowSchema({ ...plainSeries(2, 1, 1), time: "when" })).toMatchObject({
    properties: { c0: { type: "number" }, when: {} },
    required: ["c0"],
  });
});
