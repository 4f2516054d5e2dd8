import { describe, expect, test } from "vitest";
import { parseTable } from "../../src/table/read-csv.ts";
import { nearest } from "../../src/table/suggest.ts";
import { resolveColumn } from "../../src/table/table.ts";

const table = parseTable("price,Floor Area,3\n1,2,x\n4,5,y\n", { source: "houses.csv" });

describe("a column is meant by", () => {
  test.each([
    ["its name", "price", "price"],
    ["its name in blanks", " price ", "price"],
    ["its place", "2", "Floor Area"],
    ["its place from the end", "-3", "price"],
    ["a name that is a number, before a place", "3", "3"],
  ])("%s", (_, text, name) => expect(resolveColumn(table, text).name).toBe(name));

  test.each([
    ["prcie", 'houses.csv has no column "prcie"; did you mean "price"?'],
    ["floor_area", 'houses.csv has no column "floor_area"; did you mean "Floor Area"?'],
    ["colour", 'houses.csv has no column "colour"; it has "price", "Floor Area", "3"'],
    ["__proto__", 'houses.csv has no column "__proto__"; it has "price", "Floor Area", "3"'],
    ["4", "houses.csv has 3 columns, so there is no column 4; count from 1, or from −1 at the end"],
    ["0", "houses.csv has 3 columns, so there is no column 0; count from 1, or from −1 at the end"],
  ])("not by %s", (text, sentence) => expect(() => resolveColumn(table, text)).toThrow(`gmnm: ${sentence}`));
});

test("names of many columns are not all listed", () => {
  const wide = parseTable(
    `${Array.from({ length: 40 }, (_, j) => `column number ${j}`).join(",")}\n${"1,".repeat(39)}1\n`,
  );
  expect(() => resolveColumn(wide, "x")).toThrow(/"column number 11", … \(40 columns\)$/);
});

test("misspelt names find theirs, the nearest first", () => {
  const names = ["age", "wage", "wages", "city"];
  expect(nearest("wgae", names)).toEqual(["wage"]);
  expect(nearest("Wage", names)).toEqual(["wage", "age", "wages"]);
  expect(nearest("ctiy", names)).toEqual(["city"]);
  expect(nearest("country", names)).toEqual([]);
  expect(nearest("", names)).toEqual([]);
  expect(nearest("a".repeat(10 ** 6), ["a".repeat(10 ** 6)])).toHaveLength(1);
});
