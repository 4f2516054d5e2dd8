// A table of the user's as models take it: whole rows, and columns of numbers or of words. It stays in the browser.
import type { Table as ReadTable, TableColumn } from "../gmnm.ts";

/** A column: its numbers, with dates as days, where there are no words among its cells, else its words. */
export type Column =
  | { name: string; kind: "numbers"; values: Float64Array }
  | { name: string; kind: "words"; values: Uint32Array; words: string[] };
/** `skipped` rows lack a value, or are more than the playground takes. */
export type Table = { name: string; rows: number; columns: Column[]; skipped: number };

/** What to learn from what. */
export type Choice = { features: string[]; target: string };
/** The user's file with what was chosen of it. */
export type TableInput = { table: Table; choice: Choice };

/** Why a file cannot be used, in one sentence. */
export class TableError extends Error {}

/** What may be chosen as a file. */
export const TABLE_FILES = ".csv,.tsv,.txt,text/csv";
export const MAX_BYTES = 5_000_000;
const [MIN_ROWS, MAX_ROWS, MAX_COLUMNS] = [10, 20_000, 200];
/** More classes than these are not classes. */
export const MAX_CLASSES = 12;
/** Features that are chosen at first. */
const MAX_FEATURES = 30;

/**
 * The rows of a table that lack no value; columns that lack most of theirs are left out before.
 * @throws TableError for a table that there is nothing to learn from.
 */
export function toTable({ source: name, rows, columns: read }: ReadTable): Table {
  if (read.length > MAX_COLUMNS)
    throw new TableError(`${name} has ${read.length} columns; the playground takes ${MAX_COLUMNS}`);
  const kept = read.filter(({ counts }) => counts.missing <= rows / 2);
  if (kept.length < 2)
    throw new TableError(`${name} needs a column to learn and one to learn from, got ${kept.length}`);
  const whole = Uint32Array.from({ length: rows }, (_, row) => row).filter((row) =>
    kept.every((column) => !isMissing(column, row)),
  );
  if (whole.length < MIN_ROWS)
    throw new TableError(`${name} has ${whole.length} rows without missing values; at least ${MIN_ROWS} are needed`);
  const used = whole.subarray(0, MAX_ROWS);
  return {
    name,
    rows: used.length,
    columns: kept.map((column) => toColumn(column, used)),
    skipped: rows - used.length,
  };
}

const isMissing = ({ values, codes }: TableColumn, row: number): boolean =>
  (codes?.[row] ?? 0) === 0 && Number.isNaN(values[row]);

function toColumn(column: TableColumn, rows: Uint32Array): Column {
  const { name, values, codes, counts } = column;
  if (counts.word === 0 && (counts.date === 0 || counts.number === 0))
    return { name, kind: "numbers", values: Float64Array.from(rows, (row) => values[row]) };
  // A number or a date among words is a word.
  const text = (row: number) => {
    const code = codes?.[row] ?? 0;
    return code >= 2 ? column.words[code - 2] : String(values[row]);
  };
  const words = new Map<string, number>();
  const indices = Uint32Array.from(rows, (row) => {
    const word = text(row);
    if (!words.has(word)) words.set(word, words.size);
    return words.get(word)!;
  });
  return { name, kind: "words", values: indices, words: [...words.keys()] };
}

/** Columns that can be learnt from: those with numbers, and words that are few enough to be taken one by one. */
export const isUsable = (column: Column): boolean =>
  column.kind === "numbers" || (column.words.length <= MAX_CLASSES && column.words.length > 1);

/** The last usable column is what most files are about; all others are what to learn it from. */
export function firstChoice({ name, columns }: Table): Choice {
  const usable = columns.filter(isUsable).map((column) => column.name);
  if (usable.length < 2) {
    const what = `numbers, or words of which there are 2 to ${MAX_CLASSES}`;
    throw new TableError(`${name} has ${usable.length} columns to learn from: ${what}`);
  }
  return { target: usable.at(-1)!, features: usable.slice(0, -1).slice(0, MAX_FEATURES) };
}
