import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { GmnmError } from "../../src/errors.ts";
import { parseTable, TableReader } from "../../src/table/read-csv.ts";
import { contents } from "./random-tables.ts";

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
