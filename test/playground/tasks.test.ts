import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readCsv } from "../../playground/src/csv/read-csv.ts";
import { firstChoice, MAX_BYTES, TableError } from "../../playground/src/csv/table.ts";
import { fields, type State, startOf, type TaskName } from "../../playground/src/state/state.ts";
import { problemOf } from "../../playground/src/tasks/index.ts";
import { GmnmError } from "../../src/errors.ts";

/** Errors whose message the page shows. */
const isSentence = (error: unknown) =>
  (error instanceof TableError || error instanceof GmnmError) && !error.message.includes("\n");
const bytes = (text: string) => new TextEncoder().encode(text);
const read = (text: string) => readCsv("my.csv", bytes(text));
const rows = (n: number, row: (i: number) => string) => Array.from({ length: n }, (_, i) => row(i)).join("\n");
const tasks = fields.task.choices.filter((task) => task !== "table");
const stateOf = (task: TaskName, changes: Partial<State> = {}): State => ({ ...startOf(task), ...changes });

describe.each(tasks)("the task %s", (task) => {
  test("is the same by its seed, another by another, and finite", () => {
    const [one, same, other] = [1, 1, 2].map((seed) => problemOf(stateOf(task, { seed, noise: 0.1 })));
    expect(same).toEqual(one);
    expect(other.sample.data).not.toEqual(one.sample.data);
    const tensors = [...Object.values(one.data), one.test.x, one.test.y];
    for (const { data, shape } of tensors) {
      expect(data.length).toBe(shape.reduce((a, b) => a * b));
      expect(data.every(Number.isFinite)).toBe(true);
    }
    expect(one.test.x.shape[1]).toBe(one.inFeatures);
    expect(one.test.y.shape[1]).toBe(one.outFeatures);
    expect(one.test.x.data).not.toEqual(one.sample.data);
  });
});

describe("classes", () => {
  test.each(fields.shape.choices)("%s has as many of either, within the picture", (shape) => {
    const { data } = problemOf(stateOf("classes", { shape, points: 200 }));
    expect(data.y.data.reduce((a, b) => a + b)).toBe(100);
    expect(data.x.data.every((value) => Math.abs(value) <= 1)).toBe(true);
  });
});

describe("functions", () => {
  test("of the user are what is learnt", () => {
    const { data } = problemOf(stateOf("function", { fn: "formula", formula: "x - 2*y" }));
    const [x, y] = [data.x.data, data.y.data];
    for (let i = 0; i < y.length; i++) expect(y[i]).toBeCloseTo(x[2 * i] - 2 * x[2 * i + 1], 5);
  });

  test.each([
    ["log(x)", "log(x) is NaN at x = −1, y = −1; it must be a number everywhere from −1 to 1"],
    ["exp(20*x)", "too steep to learn"],
    ["exp(2000*x)", "is Infinity at"],
    ["x +", "not a formula"],
  ])("that cannot be learnt are refused: %s", (formula, message) => {
    expect(() => problemOf(stateOf("function", { fn: "formula", formula }))).toThrow(message);
  });

  test("are given with noise, and judged without", () => {
    const noisy = problemOf(stateOf("curve", { noise: 0.3 }));
    const exact = problemOf(stateOf("curve", { noise: 0 }));
    expect(noisy.data.y.data).not.toEqual(exact.data.y.data);
    const truth = Float32Array.from(noisy.test.x.data, (x) => Math.sin(12 * x * x));
    noisy.test.y.data.forEach((y, i) => {
      expect(y).toBeCloseTo(truth[i], 5);
    });
  });
});

describe("a CSV file", () => {
  test("is read with its names, its words and its holes", async () => {
    const table = await read(
      `a;b;kind\n${rows(12, (i) => `${i};${i === 3 ? "NA" : -i / 2};${i % 2 ? "yes" : "no"}`)}\n`,
    );
    expect(table).toMatchObject({ rows: 11, skipped: 1 });
    expect(table.columns.map(({ name, kind }) => [name, kind])).toEqual([
      ["a", "numbers"],
      ["b", "numbers"],
      ["kind", "words"],
    ]);
    expect(firstChoice(table)).toEqual({ target: "kind", features: ["a", "b"] });
    const { view, loss, data } = problemOf(stateOf("table"), { table, choice: firstChoice(table) });
    expect(loss).toBe("logistic");
    expect(view).toMatchObject({ kind: "plane", classes: ["no", "yes"] });
    expect(data.x.shape).toEqual([9, 2]);
  });

  test("without names gets some, with commas in numbers is understood, dates are days", async () => {
    const numbers = await read(rows(12, (i) => `${i},${i}`));
    expect(numbers.columns.map(({ name }) => name)).toEqual(["column 1", "column 2"]);
    const german = await read(`Tag;Wert\n${rows(12, (i) => `2024-01-${10 + i};${i},5`)}`);
    expect(german.columns.map(({ kind }) => kind)).toEqual(["numbers", "numbers"]);
    expect([...(german.columns[1].values as Float64Array)].slice(0, 2)).toEqual([0.5, 1.5]);
    const [first, second] = german.columns[0].values;
    expect(second - first).toBe(1);
  });

  test("with a column of holes does without it", async () => {
    const table = await read(`a,b,c\n${rows(20, (i) => `${i},${i % 4 ? "" : i},${2 * i}`)}`);
    expect(table.columns.map(({ name }) => name)).toEqual(["a", "c"]);
    expect(table).toMatchObject({ rows: 20, skipped: 0 });
  });

  test("gives views by what there is: a curve, a plane, rows", async () => {
    const table = await read(`a,b,c,d\n${rows(40, (i) => `${i},${i * i},${i % 5},${["u", "v", "w"][i % 3]}`)}`);
    const viewOf = (target: string, ...features: string[]) =>
      problemOf(stateOf("table"), { table, choice: { target, features } });
    expect(viewOf("b", "a").view.kind).toBe("line");
    expect(viewOf("b", "a", "c").view.kind).toBe("plane");
    expect(viewOf("b", "a", "c", "d").view.kind).toBe("rows");
    expect(viewOf("b", "a", "d").inFeatures).toBe(4); // words one by one
    expect(viewOf("d", "a", "b")).toMatchObject({
      loss: "crossEntropy",
      outFeatures: 3,
      view: { kind: "rows", classes: ["u", "v", "w"] },
    });
    expect(() => viewOf("b")).toThrow("choose at least one column to learn b from");
  });

  test.each([
    ["", "my.csv is empty"],
    ["a,b\n1,2\n", "my.csv has 1 rows without missing values; at least 10 are needed"],
    ["a,b\n", "my.csv has a header but no rows"],
    [`a\n${rows(20, String)}`, "my.csv needs a column to learn and one to learn from, got 1"],
    [`a,b\n${rows(20, (i) => (i === 7 ? "1,2,3" : "1,2"))}`, "my.csv, line 9: 3 fields, and the header has 2"],
    [`a,a\n${rows(20, () => "1,2")}`, 'columns 1 and 2 are both called "a"'],
    [`a,b\n${rows(20, () => "1,2")}\n"unclosed,3`, "my.csv, line 22"],
    ["\0\0PK", "my.csv, line 1"],
    [rows(2, () => Array(300).fill("1").join(",")), "my.csv has 300 columns; the playground takes 200"],
  ])("that cannot be used is refused in one sentence: %j", async (text, message) => {
    const refused = await read(text).catch((error) => error);
    expect(isSentence(refused)).toBe(true);
    expect(refused.message).toContain(message);
  });

  test("that is too large is not read, and one of names only has nothing to learn", async () => {
    await expect(readCsv("big.csv", new Uint8Array(MAX_BYTES + 1))).rejects.toThrow(
      "big.csv has 5.0 MB; the playground reads up to 5 MB",
    );
    const words = await read(`a,b\n${rows(30, (i) => `word${i},other${i}`)}`);
    expect(() => firstChoice(words)).toThrow("my.csv has 0 columns to learn from");
  });

  test("whatever it holds, there is a table or a sentence", async () => {
    const cell = fc.oneof(
      fc.string({ maxLength: 8 }),
      fc.double().map(String),
      fc.constantFrom("", '"', ",", "\r\n", "NaN", "1e309", "\u0000", "=1+1"),
    );
    const file = fc
      .array(
        fc.array(cell, { maxLength: 5 }).map((cells) => cells.join(",")),
        { maxLength: 30 },
      )
      .map((lines) => lines.join("\n"));
    await fc.assert(
      fc.asyncProperty(file, async (text) => {
        try {
          const table = await read(text);
          const choice = firstChoice(table);
          const { data } = problemOf(stateOf("table"), { table, choice });
          for (const { data: values } of Object.values(data)) expect(values.every(Number.isFinite)).toBe(true);
        } catch (error) {
          expect(isSentence(error), String(error)).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });
});
