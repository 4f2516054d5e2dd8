import fc from "fast-check";
import { expect, test } from "vitest";
import { parseTable } from "../../src/table/read-csv.ts";
import { kindOfCell, textOfCell } from "../../src/table/table.ts";
import { writeCsv } from "../../src/table/write-csv.ts";
import { anyWord } from "./random-tables.ts";

test("text is quoted where it must be, and what is not there left empty", () => {
  const text = writeCsv([
    { name: "price, net", values: [1.5, Number.NaN, -0] },
    { name: "city", values: ['the "Bonn"', undefined, " x"] },
  ]);
  expect(text).toBe('"price, net",city\n1.5,"the ""Bonn"""\n,\n-0," x"\n');
  expect(writeCsv([{ name: "a", values: [undefined, 1] }])).toBe('a\n""\n1\n');
});

test("what is written is read back exactly", () => {
  const number = fc.double({ noNaN: true, min: -1e300, max: 1e300 });
  const rows = fc.array(fc.tuple(number, anyWord), { minLength: 1, maxLength: 10 });
  fc.assert(
    fc.property(rows, fc.uniqueArray(anyWord, { minLength: 2, maxLength: 2 }), (cells, [a, b]) => {
      const text = writeCsv([
        { name: a, values: Float64Array.from(cells, ([n]) => n) },
        { name: b, values: cells.map(([, word]) => word) },
      ]);
      const { columns } = parseTable(text, { header: true, delimiter: "," });
      expect(columns.map(({ name }) => name)).toEqual([a, b]);
      cells.forEach(([n, word], row) => {
        expect(columns[0].values[row]).toBe(n);
        expect([kindOfCell(columns[1], row), textOfCell(columns[1], row)]).toEqual(["word", word]);
      });
    }),
  );
});
