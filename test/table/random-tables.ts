// Random tables, and their text in a random dialect.
import fc from "fast-check";
import { isMissing, parseNumber } from "../../src/table/cell.ts";
import { parseDate } from "../../src/table/dates.ts";
import { kindOfCell, type Table, textOfCell } from "../../src/table/table.ts";

/** A cell as it should be read back: a number, a word, or nothing. */
export type Cell = number | string | undefined;
/** Cells by row, and the names of the columns. */
export type RandomTable = { names: string[]; rows: Cell[][] };
/** How to write it. */
export type Writing = {
  delimiter: string;
  decimal: "." | ",";
  end: string;
  quoteAll: boolean;
  bom: boolean;
  lastEnd: boolean;
};

const isWord = (text: string): boolean =>
  !isMissing(text) &&
  parseNumber(text) === undefined &&
  parseNumber(text, ",") === undefined &&
  parseDate(text) === undefined;

/** Any text that is neither a number, a date, nothing, nor binary. Blanks at its ends need quotes. */
export const anyWord = fc
  .string({
    unit: fc.constantFrom("a", "B", "é", "漢", "😀", " ", ",", ";", "\t", "|", '"', "\n", "\r", "'", "1", "."),
    maxLength: 8,
  })
  .filter(isWord);
/** Text as most files have it. */
export const tameWord = fc.stringMatching(/^[A-Za-z][a-z]{0,6}$/).filter(isWord);
const anyNumber = fc.oneof(fc.integer(), fc.double({ noNaN: true, min: -1e300, max: 1e300 }));

/** Tables of columns of numbers and of words, with missing cells. */
export const tables = (
  word: fc.Arbitrary<string>,
  { columns = 1, rows = 1, missing = true } = {},
): fc.Arbitrary<RandomTable> =>
  fc
    .uniqueArray(word, { minLength: columns, maxLength: 5 })
    .chain((names) => {
      const cells = names.map(() => fc.constantFrom(anyNumber, word));
      return fc.tuple(fc.constant(names), fc.tuple(...cells));
    })
    .chain(([names, kinds]) => {
      const row = fc.tuple(
        ...kinds.map((kind: fc.Arbitrary<Cell>) => (missing ? fc.option(kind, { nil: undefined, freq: 5 }) : kind)),
      );
      return fc.record({
        names: fc.constant(names),
        rows: fc.array(row as fc.Arbitrary<Cell[]>, { minLength: rows, maxLength: 8 }),
      });
    });

/** Ways to write a table. */
export const writings: fc.Arbitrary<Writing> = fc
  .record({
    delimiter: fc.constantFrom(",", ";", "\t", "|"),
    decimal: fc.constantFrom(".", ","),
    end: fc.constantFrom("\n", "\r\n", "\r"),
    quoteAll: fc.boolean(),
    bom: fc.boolean(),
    lastEnd: fc.boolean(),
  })
  .map((writing) => ({ ...writing, decimal: writing.delimiter === "," ? "." : writing.decimal }) as Writing);

/** The text of a table. */
export function write(
  { names, rows }: RandomTable,
  { delimiter, decimal, end, quoteAll, bom, lastEnd }: Writing,
): string {
  const field = (cell: Cell): string => {
    const text = cell === undefined ? "" : typeof cell === "number" ? showNumber(cell).replace(".", decimal) : cell;
    const must =
      quoteAll || (text === "" && names.length === 1) || /^\s|\s$|["\r\n]/.test(text) || text.includes(delimiter);
    return must || /[,;\t|]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const lines = [names, ...rows].map((cells) => cells.map(field).join(delimiter));
  return (bom ? "\ufeff" : "") + lines.join(end) + (lastEnd ? end : "");
}

const showNumber = (value: number): string => (Object.is(value, -0) ? "-0" : String(value));

/** A table as it was read: cells by column. */
export const contents = (table: Table) =>
  Object.fromEntries(table.columns.map((column) => [column.name, cellsOf(table, column.name)]));

/** The cells of a column. */
export function cellsOf(table: Table, name: string): Cell[] {
  const column = table.columns.find((other) => other.name === name)!;
  return Array.from({ length: table.rows }, (_, row) =>
    kindOfCell(column, row) === "number" ? column.values[row] : textOfCell(column, row),
  );
}
