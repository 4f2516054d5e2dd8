import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseTable, TableReader } from "../../src/table/read-csv.ts";
import { kindOfCell, type Table, textOfCell } from "../../src/table/table.ts";
import { anyWord, type Cell, cellsOf, contents, tables, tameWord, write, writings } from "./random-tables.ts";

describe("dialects are found", () => {
  test.each([
    ["commas", "a,b\n1,x\n2,y\n", { a: [1, 2], b: ["x", "y"] }],
    ["semicolons and decimal commas", "a;b\n1,5;2\n2;3,25\n", { a: [1.5, 2], b: [2, 3.25] }],
    ["nothing but decimal commas", "1,5;2,5\n2,5;3,5\n", { "column 1": [1.5, 2.5], "column 2": [2.5, 3.5] }],
    ["semicolons and decimal points", "a;b\n1.5;2\n2;3,25\n", { a: [1.5, 2], b: [2, "3,25"] }],
    ["tabs", "a\tb\n1\t\n\t2\n", { a: [1, undefined], b: [undefined, 2] }],
    ["bars", "a|b\n1|x y\n2|z\n", { a: [1, 2], b: ["x y", "z"] }],
    ["runs of blanks", "  1  2.5\n 3   4\n", { "column 1": [1, 3], "column 2": [2.5, 4] }],
    ["blanks and tabs behind every number", "1.0 \t2 \n3.0 \t4 \n", { "column 1": [1, 3], "column 2": [2, 4] }],
    ["a tab at the end of every line", "1\t2\t\n3\t4\t\n", { "column 1": [1, 3], "column 2": [2, 4] }],
    ["blanks with names", "a b\n1 2\n3 4\n", { a: [1, 3], b: [2, 4] }],
    ["one column", "a\n1\n2\n", { a: [1, 2] }],
    ["one column of times", "time\n2024-01-01 00:00:00\n", { time: ["2024-01-01"] }],
    [
      "a byte order mark, Windows line ends, no end of the last line",
      '\ufeffa,b\r\n1,"x\r\ny"\r\n2,z',
      { a: [1, 2], b: ["x\r\ny", "z"] },
    ],
    ["blanks around fields, but not in quotes", 'a, b\n1 , x\n2, " y "\n', { a: [1, 2], b: ["x", " y "] }],
    ["empty lines", "\n\na,b\n\n1,2\n   \n3,4\n\n", { a: [1, 3], b: [2, 4] }],
    ["commas in quotes", 'a;b\n"1,2";"x;y"\n"2,5";z\n', { a: [1.2, 2.5], b: ["x;y", "z"] }],
    ["a column without a name, as pandas writes its index", ",a\n0,x\n1,y\n", { "column 1": [0, 1], a: ["x", "y"] }],
    [
      "words for missing",
      "a,b\nNA,n/a\nNaN,null\n?,-\n1,x\n",
      { a: [undefined, undefined, undefined, 1], b: [undefined, undefined, undefined, "x"] },
    ],
    ["words only, with names", "a,b\nx,y\nx,z\n", { a: ["x", "x"], b: ["y", "z"] }],
    ["words only, without names", "x,y\nx,z\nw,y\n", { "column 1": ["x", "x", "w"], "column 2": ["y", "z", "y"] }],
    [
      "what is not a decimal number",
      "a,b\n0x1F,1\n1e301,2\n1.234.567,3\nInfinity,4\n",
      { a: ["0x1F", "1e301", "1.234.567", "Infinity"], b: [1, 2, 3, 4] },
    ],
    ["what is", "a\n+1\n-.5\n2.\n1e-3\n1E5\n007\n", { a: [1, -0.5, 2, 1e-3, 1e5, 7] }],
  ])("%s", (_, text, expected) => {
    expect(contents(parseTable(text))).toEqual(expected);
  });

  test("or given", () => {
    expect(contents(parseTable("2019,2020\n1,2\n", { header: true }))).toEqual({ "2019": [1], "2020": [2] });
    expect(contents(parseTable("a,b\nc,d\n", { header: false }))).toEqual({
      "column 1": ["a", "c"],
      "column 2": ["b", "d"],
    });
    expect(contents(parseTable("a:b\n1:2\n", { delimiter: ":" }))).toEqual({ a: [1], b: [2] });
    expect(contents(parseTable("a\n1,5\n", { delimiter: ";", decimal: "," }))).toEqual({ a: [1.5] });
    expect(contents(parseTable("a,b,c\n1,2,3\n", { columns: ["c", "a"] }))).toEqual({ a: [1], c: [3] });
  });
});

test("a first record longer than what dialects are found from", () => {
  const names = Array.from({ length: 9000 }, (_, j) => `name ${j}`);
  const { columns, rows } = parseTable(`${names.join(";")}\n${"1;".repeat(8999)}2\n`);
  expect([columns.length, rows, columns[8999].name, columns[8999].values[0]]).toEqual([9000, 1, "name 8999", 2]);
});

test("rows know their lines", () => {
  const { lines } = parseTable('a,b\n\n1,"x\r\ny"\r\n2,z\r\n\r\n3,w');
  expect([...lines]).toEqual([3, 5, 7]);
});

test("numbers that are levels, and dates, are written in one way", () => {
  const [column] = parseTable("a\n1.50\nx\n2024-01-31T12:00+02:00\n31.1.2024\n").columns;
  expect([0, 1, 2, 3].map((row) => textOfCell(column, row))).toEqual([
    "1.5",
    "x",
    "2024-01-31T10:00:00Z",
    "2024-01-31",
  ]);
  expect([0, 1, 2, 3].map((row) => kindOfCell(column, row))).toEqual(["number", "word", "date", "date"]);
  expect(column.counts).toEqual({ number: 1, word: 1, date: 2, missing: 0 });
});

test("any table, written in any dialect, is read back equal", () => {
  fc.assert(
    fc.property(tables(anyWord), writings, fc.integer({ min: 1, max: 40 }), (table, writing, size) => {
      const { delimiter, decimal } = writing;
      const text = write(table, writing);
      const reader = new TableReader("f", { delimiter, decimal, header: true });
      const bytes = new TextEncoder().encode(text);
      for (let at = 0; at < bytes.length; at += size) reader.push(bytes.subarray(at, at + size));
      expectSame(reader.end(), table.names, table.rows);
    }),
    { numRuns: 500 },
  );
});

test("tables as people have them are read back without a word on their dialect", () => {
  fc.assert(
    fc.property(tables(tameWord, { columns: 2, rows: 3, missing: false }), writings, (table, writing) => {
      const hasNumbers = table.rows[0].some((cell) => typeof cell === "number");
      const recurs = table.names.some((name, j) => table.rows.some((row) => row[j] === name));
      fc.pre(hasNumbers || !recurs);
      const hasFractions = table.rows.flat().some((cell) => typeof cell === "number" && String(cell).includes("."));
      const text = write(table, hasFractions ? writing : { ...writing, decimal: "." });
      expectSame(parseTable(text), table.names, table.rows);
    }),
    { numRuns: 300 },
  );
});

function expectSame(table: Table, names: string[], rows: Cell[][]): void {
  expect(table.columns.map(({ name }) => name)).toEqual(names);
  expect(names.map((name) => cellsOf(table, name))).toEqual(names.map((_, j) => rows.map((row) => row[j])));
}
