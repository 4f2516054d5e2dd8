// A file of the user's as columns. It is read in the browser and goes nowhere.

/** A column: its numbers where all its cells are numbers, else its words. Cells without a value make a row unusable. */
export type Column =
  | { name: string; kind: "numbers"; values: Float64Array }
  | { name: string; kind: "words"; values: Uint32Array; words: string[] };
export type Table = { name: string; rows: number; columns: Column[]; skipped: number };

/** What to learn from what. */
export type Choice = { features: string[]; target: string };

/** Why a file cannot be used, in one sentence. */
export class TableError extends Error {}

export const MAX_BYTES = 5_000_000;
export const MAX_ROWS = 20_000;
export const MAX_COLUMNS = 200;
/** More classes than these are not classes. */
export const MAX_CLASSES = 12;
const MISSING = new Set(["", "na", "n/a", "nan", "null", "none", "?", "-"]);

/**
 * Cells as columns. A first row with a cell that is no number names the columns.
 * @throws TableError for cells that make no table.
 */
export function toTable(name: string, cells: readonly (readonly string[])[]): Table {
  if (cells.length === 0) throw new TableError(`${name} is empty`);
  const width = cells[0].length;
  if (width > MAX_COLUMNS) throw new TableError(`${name} has ${width} columns; the playground takes ${MAX_COLUMNS}`);
  if (width < 2) throw new TableError(`${name} has one column; it needs one to learn and at least one to learn from`);
  const headed = cells[0].some((cell) => !isNumber(cell) && !isMissing(cell));
  const body = headed ? cells.slice(1) : cells;
  const names = uniqueNames(headed ? cells[0] : cells[0].map((_, i) => `column ${i + 1}`));
  const ragged = body.findIndex((row) => row.length !== width);
  if (ragged >= 0)
    throw new TableError(
      `${name}, row ${ragged + (headed ? 2 : 1)} has ${body[ragged].length} cells, the first has ${width}`,
    );
  const whole = body.filter((row) => !row.some(isMissing));
  if (whole.length < 10)
    throw new TableError(`${name} has ${whole.length} rows without missing values; at least 10 are needed`);
  const used = whole.slice(0, MAX_ROWS);
  const columns = names.map((column, j) =>
    toColumn(
      column,
      used.map((row) => row[j]),
    ),
  );
  return { name, rows: used.length, columns, skipped: body.length - used.length };
}

const isMissing = (cell: string): boolean => MISSING.has(cell.trim().toLowerCase());
const isNumber = (cell: string): boolean =>
  /^\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d{1,3})?\s*$/i.test(cell) && Number.isFinite(Number(cell));

function uniqueNames(cells: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return cells.map((cell, i) => {
    const name = cell.trim().slice(0, 60) || `column ${i + 1}`;
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    return times > 1 ? `${name} (${times})` : name;
  });
}

function toColumn(name: string, cells: readonly string[]): Column {
  if (cells.every(isNumber)) return { name, kind: "numbers", values: Float64Array.from(cells, Number) };
  const words = new Map<string, number>();
  const values = Uint32Array.from(cells, (cell) => {
    const word = cell.trim();
    if (!words.has(word)) words.set(word, words.size);
    return words.get(word)!;
  });
  return { name, kind: "words", values, words: [...words.keys()] };
}

/** Columns that can be learnt from: those with numbers, and words that are few enough to be taken one by one. */
export const isUsable = (column: Column): boolean =>
  column.kind === "numbers" || (column.words.length <= MAX_CLASSES && column.words.length > 1);

/** The last usable column is what most files are about; all others are what to learn it from. */
export function firstChoice({ name, columns }: Table): Choice {
  const usable = columns.filter(isUsable);
  if (usable.length < 2)
    throw new TableError(
      `${name} has ${usable.length} columns to learn from: numbers, or words of which there are 2 to ${MAX_CLASSES}`,
    );
  return {
    target: usable.at(-1)!.name,
    features: usable
      .slice(0, -1)
      .slice(0, 30)
      .map(({ name }) => name),
  };
}
