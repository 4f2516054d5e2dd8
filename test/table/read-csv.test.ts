import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { GmnmError } from "../../src/errors.ts";
import { parseTable, TableReader } from "../../src/table/read-csv.ts";
import { kindOfCell, type Table, textOfCell } from "../../src/table/table.ts";
import { anyWord, type Cell, tables, tameWord, write, writings } from "./random-tables.ts";

const contents = (table: Table) =>
  Object.fromEntries(table.columns.map((column) => [column.name, cellsOf(table, column.name)]));

function cellsOf(table: Table, name: string): Cell[] {
  const column = table.columns.find((other) => other.name === name)!;
  return Array.from({ length: table.rows }, (_, row) =>
    kindOfCell(column, row) === "number" ? column.values[row] : textOfCell(column, row),
  );
}

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

describe("a header is found", () => {
  const namesOf = (text: string) => parseTable(text).columns.map(({ name }) => name);
  test.each([
    ["words above dates and numbers, numbers above most", "date,0,1,2,OT\n2020-01-01,1,2,3,4\n2020-01-02,5,6,7,8\n"],
    ["as many numbers as words", "id,7\n1,2\n2,5\n"],
    ["fractions, as of wavelengths", "sample,350.5,351.5,352.5\n1,0.2,0.3,0.1\n2,0.5,0.1,0.7\n"],
    ["years in a row", "name,2019,2020\nBonn,1,2\nGraz,3,4\n"],
    ["years backwards, some of which are among the values", "2021,2020,2019\n1900,5,6\n7,8,9\n4,5,6\n"],
    ["dates above numbers", "name,2019-01,2019-02\nBonn,1,2\nGraz,3,4\n"],
    ["numbers above dates", "0,1\n2020-01-01,a\n2020-01-02,b\n"],
    ["words above words that are others", "name,city\nAnn,Bonn\nBob,Graz\n"],
  ])("%s", (_, text) => {
    expect(namesOf(text)).toEqual(text.slice(0, text.indexOf("\n")).split(","));
  });

  test.each([
    ["numbers, and a word that fits among words", "5.1,3.5,setosa\n4.9,3,setosa\n7,3.2,virginica\n"],
    [
      "a word among numbers, and one that comes again below",
      "5.1,n.d.,3.5,setosa\n4.9,3,1,setosa\n7,3.2,4,virginica\n",
    ],
    ["a word among numbers, two of which are equal", "0,0,1,n.d.\n1,0,2,5\n0,1,1,7\n"],
    ["numbers that count", "Bonn,1,2\nGraz,5,7\n"],
    ["years among years", "Bonn,2019,2020\nGraz,2013,2014\nRom,7,8\n"],
    ["years that do not follow each other", "Bonn,1990,2020\nGraz,5,7\n"],
    ["one year", "Bonn,2019\nGraz,5\n"],
    ["years, and a number that is none", "Bonn,2019,2020,7\nGraz,5,7,9\n"],
    ["dates and numbers", "2020-01-01,1\n2020-01-02,2\n"],
    ["words that come again below", "Ann,Bonn\nBob,Graz\nCid,Bonn\n"],
    ["words, two of which are equal", "Bonn,Bonn\nRom,Graz\n"],
  ])("not in %s", (_, text) => {
    const table = parseTable(text);
    expect(table.columns.map(({ name }) => name)).toEqual(table.columns.map((_column, j) => `column ${j + 1}`));
    expect(table.rows).toBe(text.split("\n").length - 1);
  });
});

describe("what is not a table gets one sentence:", () => {
  test.each([
    ["", "t is empty"],
    ["\n \n", "t is empty"],
    ["a,b\n", "t has a header but no rows"],
    ["a,b\n1,2\n3\n", "t, line 3: 1 field, and the header has 2"],
    ["1,2\n3,4\n5,6,7\n", "t, line 3: 3 fields, and line 1 has 2"],
    ['a,b\n1,"2\n3,4\n', "t, line 2, field 2: its quotes are never closed"],
    ['a;b\n1;"2\n3;4\n', "t, line 2, field 2: its quotes are never closed"],
    ['a,b\r\n"x\r\ny",1\r\n2,3"4\r\n', "t, line 4, field 2: quotes in the middle of a field"],
    ["a,b,a\n1,2,3\n", 't, line 1: columns 1 and 3 are both called "a"'],
    ["a,__proto__\n1,2\n", 't, line 1, column 2: "__proto__" cannot be the name of a column; rename it'],
    ["a,b\n1,\0\n", "t, line 2: a zero byte; this is a binary file, not a table in text"],
    [`${"a,".repeat(2 ** 14)}b\n`, "t, line 1: 16385 columns, more than 16384"],
    [`a,b\n1,2\n3,${"4".repeat(2 ** 21)}\n`, "t, line 3: a record of more than 1048576 characters"],
    [
      `a,b\n1,2\n3,"${"4\n".repeat(2 ** 20)}`,
      "t, line 3, field 2: its quotes are never closed within 1048576 characters",
    ],
  ])("%#", (text, sentence) => {
    expect(() => parseTable(text, { source: "t" })).toThrow(new GmnmError(sentence));
  });

  test("a wanted column that is not there", () => {
    expect(() => parseTable("a,b\n1,2\n", { columns: ["c"] })).toThrow('gmnm: table has no column "c"');
  });

  test("bytes that are not text", () => {
    const read = (...bytes: (number | string)[]) => {
      const reader = new TableReader("t");
      reader.push(
        Uint8Array.from(bytes.flatMap((b) => (typeof b === "string" ? [...new TextEncoder().encode(b)] : [b]))),
      );
      return reader.end();
    };
    expect(() => read("a,b\n1,M", 0xfc, "nchen\n")).toThrow(
      "t, line 2: bytes that are not UTF-8; save the file as UTF-8",
    );
    expect(() => read("a\n1\n", 0xc3)).toThrow("t, line 3: bytes that are not UTF-8");
    expect(() => read("PK", 3, 4, "xl/worksheets")).toThrow(
      "t is a zip archive, as Excel's files are; save the table as CSV",
    );
    const utf16 = [0xff, 0xfe, ...[..."a\tb\n1\t2\n"].flatMap((c) => [c.charCodeAt(0), 0])];
    expect(contents(read(...utf16))).toEqual({ a: [1], b: [2] });
  });
});

describe("hostile input is read or refused in a sentence", () => {
  const tryAll = (inputs: Iterable<Uint8Array>): number => {
    let tried = 0;
    for (const bytes of inputs) {
      tried++;
      try {
        const reader = new TableReader("t");
        reader.push(bytes);
        const { rows, columns, lines } = reader.end();
        expect(rows).toBeGreaterThan(0);
        expect(lines.length).toBe(rows);
        for (const { values, codes } of columns) expect([values.length, codes?.length ?? rows]).toEqual([rows, rows]);
      } catch (error) {
        expect(error).toBeInstanceOf(GmnmError);
        expect((error as Error).message).toMatch(/^gmnm: t[ ,]/);
        expect((error as Error).message.length).toBeLessThan(400);
      }
    }
    return tried;
  };

  test("cut off after every byte", () => {
    const whole = new TextEncoder().encode(
      '\ufeffage;"ci;ty";since\r\n1,5;"Bo""nn";2024-12-31\r\n?;"G\nraz";31.12.2024\r\n\r\n3;é;\r\n',
    );
    expect(tryAll(whole.keys().map((length) => whole.subarray(0, length)))).toBe(whole.length);
  });

  test("with every byte changed", () => {
    const whole = new TextEncoder().encode('a;"b"\n1,5;"x""y"\n2;z\n');
    const changed = [...whole.keys()].flatMap((at) =>
      [0, 9, 10, 13, 34, 44, 59, 255].map((byte) => whole.with(at, byte)),
    );
    expect(tryAll(changed)).toBe(8 * whole.length);
  });

  test("random bytes and random text", () => {
    const bytes = fc.sample(fc.uint8Array({ maxLength: 200 }), { numRuns: 1000, seed: 1 });
    const unit = fc.constantFrom(
      "a",
      "1",
      ",",
      ";",
      "\t",
      " ",
      '"',
      "\n",
      "\r",
      ".",
      "-",
      "__proto__",
      "constructor",
      "é",
    );
    const texts = fc.sample(fc.string({ unit, maxLength: 40 }), { numRuns: 1000, seed: 2 });
    expect(tryAll([...bytes, ...texts.map((text) => new TextEncoder().encode(text))])).toBe(2000);
  });
});
