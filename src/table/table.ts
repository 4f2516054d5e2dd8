// A table in memory: columns, compactly. A cell takes 8 bytes in a column of numbers and 12 in any other, whatever the file says.
import { GmnmError } from "../errors.ts";
import { showDate } from "./dates.ts";
import { nearest } from "./suggest.ts";

/** One column. What a cell is says {@link kindOfCell}. */
export type TableColumn = {
  readonly name: string;
  /** (rows): the number, or a date's days since 2000-01-01T00:00Z; NaN where the cell is missing or a word. */
  readonly values: Float64Array<ArrayBuffer>;
  /** (rows): 0 for a number or nothing, 1 for a date, 2 + its place in `words` for a word. Undefined where there are only numbers. */
  readonly codes?: Uint32Array<ArrayBuffer>;
  /** The different words, in the order they were met. */
  readonly words: readonly string[];
  /** How many cells are what. */
  readonly counts: { readonly number: number; readonly date: number; readonly word: number; readonly missing: number };
  /** The row of the first cell of each kind; undefined where there is none. */
  readonly first: {
    readonly number?: number;
    readonly date?: number;
    readonly word?: number;
    readonly missing?: number;
  };
};

/** A file as columns. */
export type Table = {
  /** The name of the file, for messages. */
  readonly source: string;
  readonly rows: number;
  readonly columns: readonly TableColumn[];
  /** (rows): the line on which a row begins, for messages. */
  readonly lines: Uint32Array<ArrayBuffer>;
};

/** What a cell is. */
export type CellKind = "number" | "date" | "word" | "missing";

/** What the cell of a row is. */
export function kindOfCell({ values, codes }: TableColumn, row: number): CellKind {
  const code = codes?.[row] ?? 0;
  if (code === 0) return Number.isNaN(values[row]) ? "missing" : "number";
  return code === 1 ? "date" : "word";
}

/**
 * A cell as text, undefined where it is missing: numbers as JavaScript writes them, so that 1.50 and 1.5 are the same level of a category,
 * dates as ISO 8601.
 */
export function textOfCell(column: TableColumn, row: number): string | undefined {
  const code = column.codes?.[row] ?? 0;
  if (code >= 2) return column.words[code - 2];
  const value = column.values[row];
  if (code === 1) return showDate(value);
  return Number.isNaN(value) ? undefined : String(value);
}

/** `ages.csv, line 3, column "age"`, as messages begin. */
export const placeOf = (table: Table, column: TableColumn, row: number): string =>
  `${table.source}, line ${table.lines[row]}, column ${JSON.stringify(column.name)}`;

/** The rows of a table, or those that are given. */
export const allRows = (table: Table, rows?: Uint32Array): Uint32Array =>
  rows ?? Uint32Array.from({ length: table.rows }, (_, i) => i);

/**
 * The column that a user means by a name, or by a number: 1 is the first, −1 the last.
 *
 * @example
 * ```ts
 * resolveColumn(table, "price");
 * resolveColumn(table, "-1");
 * ```
 * @throws GmnmError with the names that are nearest, when there is no such column.
 */
export function resolveColumn(table: Table, text: string): TableColumn {
  const { source, columns } = table;
  const named = columns.find(({ name }) => name === text) ?? columns.find(({ name }) => name === text.trim());
  if (named) return named;
  if (/^[+-]?\d{1,9}$/.test(text.trim())) {
    const place = Number(text);
    const found = place > 0 ? columns[place - 1] : place < 0 ? columns[columns.length + place] : undefined;
    if (found) return found;
    throw new GmnmError(
      `${source} has ${count(columns.length, "column")}, so there is no column ${text}; count from 1, or from −1 at the end`,
    );
  }
  const near = nearest(
    text,
    columns.map(({ name }) => name),
  );
  const names =
    near.length > 0
      ? `did you mean ${near.map((name) => JSON.stringify(name)).join(" or ")}?`
      : `it has ${listOf(columns)}`;
  throw new GmnmError(`${source} has no column ${JSON.stringify(text)}; ${names}`);
}

/** `1 row`, `2 rows`. */
export const count = (n: number, noun: string): string => `${n.toLocaleString("en-US")} ${noun}${n === 1 ? "" : "s"}`;

const SHOWN = 12;

const listOf = (columns: readonly TableColumn[]): string => {
  const names = columns.slice(0, SHOWN).map(({ name }) => JSON.stringify(name));
  return names.join(", ") + (columns.length > SHOWN ? `, … (${columns.length} columns)` : "");
};
