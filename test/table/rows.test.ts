import { describe, expect, test } from "vitest";
import type { Preprocessing } from "../../src/table/preprocessing.ts";
import { encodeRow, encodeRows } from "../../src/table/rows.ts";

const preprocessing: Preprocessing = {
  format: "gmnm preprocessing",
  version: 1,
  inputs: [
    { kind: "number", name: "age", transform: "identity", center: 40, scale: 10, fill: 50, flag: true },
    { kind: "category", name: "city", levels: ["1.5", "2024-12-31", "Bonn", "TRUE", " x "] },
    { kind: "date", name: "since", center: 1, scale: 1, cycles: [], fill: 3 },
  ],
  target: { kind: "classes", name: "y", classes: ["a", "b"] },
  ignored: [{ name: "id", reason: "it counts the rows" }],
};
const good = { age: 30, city: "Bonn", since: "2000-01-01" };

test.each([
  ["numbers, text and dates", good, [-1, 0, 0, 0, 1, 0, 0, -1]],
  ["numbers as text", { ...good, age: " 3e1 " }, [-1, 0, 0, 0, 1, 0, 0, -1]],
  ["null, and what means it", { age: "NA", city: null, since: "?" }, [1, 1, 0, 0, 0, 0, 0, 2]],
  ["levels that are numbers", { ...good, city: 1.5 }, [-1, 0, 1, 0, 0, 0, 0, -1]],
  ["levels that are numbers, as text", { ...good, city: "1.50" }, [-1, 0, 1, 0, 0, 0, 0, -1]],
  ["levels that are dates", { ...good, city: "31.12.2024" }, [-1, 0, 0, 1, 0, 0, 0, -1]],
  ["truth", { ...good, city: true }, [-1, 0, 0, 0, 0, 1, 0, -1]],
  ["levels with blanks at their ends", { ...good, city: " x " }, [-1, 0, 0, 0, 0, 0, 1, -1]],
  ["an unknown level", { ...good, city: "Graz" }, [-1, 0, 0, 0, 0, 0, 0, -1]],
  ["ignored columns and the target beside them", { ...good, id: [], y: {} }, [-1, 0, 0, 0, 1, 0, 0, -1]],
])("%s", (_, row, expected) => {
  const { data, shape } = encodeRow(row, preprocessing);
  expect([[...data], shape]).toEqual([expected, [1, 8]]);
});

test("unknown levels are told of", () => {
  const warnings: string[] = [];
  encodeRows([good, { ...good, city: "Graz" }], preprocessing, { onWarning: (sentence) => warnings.push(sentence) });
  expect(warnings).toEqual(['row 2, column "city": "Graz" is not a level that training kept']);
});

describe("refused in a sentence:", () => {
  test.each<[unknown, string]>([
    [5, "row 2: expected an object of values by column, got 5"],
    [null, "row 2: expected an object of values by column, got null"],
    [[1, 2], "row 2: expected an object of values by column, got a list"],
    [{ city: "Bonn", since: null }, 'row 2, column "age": it is not there; null says that a value is not known'],
    [{ ...good, age: "abc" }, 'row 2, column "age": expected a number or null, got "abc"'],
    [{ ...good, age: true }, 'row 2, column "age": expected a number or null, got true'],
    [{ ...good, age: Number.POSITIVE_INFINITY }, 'row 2, column "age": expected a number or null, got Infinity'],
    [{ ...good, age: {} }, 'row 2, column "age": expected a number or null, got an object'],
    [{ ...good, age: undefined }, 'row 2, column "age": expected a number or null, got undefined'],
    [{ ...good, city: ["Bonn"] }, 'row 2, column "city": expected a text, a number, true, false or null, got a list'],
    [{ ...good, since: 5 }, 'row 2, column "since": expected a date such as "2024-12-31" or null, got 5'],
    [
      { ...good, since: "1/2/2024" },
      'row 2, column "since": expected a date such as "2024-12-31" or null, got "1/2/2024"',
    ],
    [{ agee: 5, city: null, since: null }, 'row 2: there is no column "agee"; did you mean "age"?'],
    [{ ...good, colour: 1 }, 'row 2: there is no column "colour"'],
    [JSON.parse('{"__proto__": {"age": 1}, "city": null, "since": null}'), 'row 2: there is no column "__proto__"'],
    [Object.create(good), 'row 2, column "age": it is not there; null says that a value is not known'],
    [
      { ...good, city: "x".repeat(100), age: "y".repeat(10 ** 6) },
      `row 2, column "age": expected a number or null, got "${"y".repeat(60)}…"`,
    ],
  ])("%#", (row, sentence) => {
    expect(() => encodeRows([good, row], preprocessing)).toThrow(`gmnm: ${sentence}`);
  });

  test("what is not a list", () => {
    expect(() => encodeRows({ rows: [] }, preprocessing)).toThrow("gmnm: expected a list of rows, got an object");
    expect(encodeRows([], preprocessing).shape).toEqual([0, 8]);
  });
});
