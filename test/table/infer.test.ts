import { describe, expect, test } from "vitest";
import { inferKind } from "../../src/table/infer.ts";
import { parseTable } from "../../src/table/read-csv.ts";
import type { Table } from "../../src/table/table.ts";
import { inferTask } from "../../src/table/target.ts";

/** A table of one column besides another. */
const tableOf = (values: (string | number)[]): Table =>
  parseTable(`a,other\n${values.map((value) => `"${value}",0\n`).join("")}`, { header: true });
const kindOf = (values: (string | number)[], options = {}) => {
  const table = tableOf(values);
  return inferKind(table, table.columns[0], options);
};
const repeat = (n: number, make: (i: number) => string | number) => Array.from({ length: n }, (_, i) => make(i));

describe("a column is", () => {
  test("of numbers, also with few words in it", () => {
    expect(kindOf([3, 1, 2])).toEqual({ kind: "number" });
    expect(kindOf([3, "NA", 2])).toEqual({ kind: "number" });
    expect(kindOf(["oops", ...repeat(19, (i) => i * i)])).toEqual({ kind: "number" });
    expect(kindOf(["oops", ...repeat(18, (i) => i % 3)]).kind).toBe("category");
  });

  test("of dates, also with few numbers in it", () => {
    expect(kindOf(["2024-01-01", "2024-01-03"])).toEqual({ kind: "date" });
    expect(kindOf([5, ...repeat(19, (i) => `2024-01-${i + 10}`)])).toEqual({ kind: "date" });
    expect(kindOf([5, ...repeat(18, (i) => `2024-01-${i + 10}`)]).kind).toBe("category");
  });

  test("a category, its levels in order, numbers first", () => {
    expect(kindOf(["b", "a", 10, 2, "a", "b"])).toEqual({
      kind: "category",
      levels: [
        { level: "2", rows: 1 },
        { level: "10", rows: 1 },
        { level: "a", rows: 2 },
        { level: "b", rows: 2 },
      ],
      distinct: 4,
    });
    expect(kindOf(["yes", "", "", "yes"])).toEqual({
      kind: "category",
      levels: [{ level: "yes", rows: 2 }],
      distinct: 1,
    });
  });

  test("a category of its 24 most frequent levels", () => {
    const found = kindOf(Array.from({ length: 30 }, (_, i) => repeat(i + 1, () => `w${i}`)).flat());
    expect(found).toMatchObject({ kind: "category", distinct: 30 });
    const levels = (found as { levels: { level: string }[] }).levels.map(({ level }) => level);
    expect(levels).toEqual(
      repeat(24, (i) => `w${i + 6}`)
        .map(String)
        .sort(),
    );
  });

  test.each<[string, (string | number)[], string]>([
    ["nothing is there", ["", "?", "NA"], "all values are missing"],
    ["a number never changes", [5, 5, 5], "it is 5 in all rows"],
    ["a date never changes", ["2024-01-01", "1.1.2024"], "it is 2024-01-01 in all rows"],
    ["a word never changes", ["x", "x"], 'it is "x" in all rows'],
    ["it counts", repeat(20, (i) => i + 1), "it counts the rows"],
    ["it counts from 0", repeat(20, (i) => i), "it counts the rows"],
    ["it names the rows", repeat(20, (i) => `id-${i}`), "nearly all its values are different, so it names the rows"],
    [
      "its dates have two meanings",
      ["03/04/2024", "05/06/2024"],
      "dates such as 03/04/2024 can be read in two ways; write them as 2024-12-31",
    ],
    [
      "it is free text",
      repeat(1000, (i) => `w${i % 300}`),
      "it has 300 different values, and the 24 most frequent are in 96 rows only",
    ],
  ])("left out when %s", (_, values, reason) => {
    expect(kindOf(values)).toEqual({ kind: "ignored", reason });
  });

  test("kept when few values are no proof, when it is asked for, or when missing is what changes", () => {
    expect(kindOf(repeat(19, (i) => i + 1)).kind).toBe("number");
    expect(kindOf(repeat(19, (i) => `id-${i}`)).kind).toBe("category");
    expect(kindOf(repeat(20, (i) => i + 2)).kind).toBe("number");
    expect(
      kindOf(
        repeat(20, (i) => i + 1),
        { asked: true },
      ).kind,
    ).toBe("number");
    expect(
      kindOf(
        repeat(20, (i) => `id-${i}`),
        { asked: true },
      ).kind,
    ).toBe("category");
    expect(kindOf([5, "", 5]).kind).toBe("number");
  });

  test("judged by the training rows", () => {
    const rows = Uint32Array.of(0, 1);
    expect(kindOf([5, 5, 6], { rows })).toEqual({ kind: "ignored", reason: "it is 5 in all rows" });
    expect(kindOf(["x", "y", "z"], { rows })).toMatchObject({ levels: [{ level: "x" }, { level: "y" }] });
    expect(
      kindOf(
        repeat(40, (i) => i),
        { rows: Uint32Array.of(30, 4, 7) },
      ),
    ).toMatchObject({ reason: "it counts the rows" });
  });
});

describe("the task of a target", () => {
  const taskOf = (values: (string | number)[]) => {
    const table = tableOf(values);
    return inferTask([table.columns[0]], Uint32Array.from(values.keys()));
  };
  test.each<[string, (string | number)[], string]>([
    ["words", ["a", "b", "a"], "classification"],
    ["wine's 1, 2, 3", repeat(60, (i) => 1 + (i % 3)), "classification"],
    ["0.0 and 1.0", repeat(20, (i) => `${i % 2}.0`), "classification"],
    ["ten digits", repeat(50, (i) => i % 10), "classification"],
    ["eleven whole numbers", repeat(550, (i) => i % 11), "regression"],
    ["a count from 0 to 50", repeat(500, (i) => i % 51), "regression"],
    ["few whole numbers in few rows", [1, 2, 3, 1, 2], "regression"],
    ["few fractions", repeat(60, (i) => (i % 3) + 0.5), "regression"],
  ])("%s", (_, values, task) => expect(taskOf(values)).toBe(task));

  test("several columns", () => {
    expect(inferTask(tableOf(["a", "b"]).columns, Uint32Array.of(0, 1))).toBe("regression");
  });
});
