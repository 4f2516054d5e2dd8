// What a column is. Every rule is our choice; docs/tables.md lists them.
import { OTHER_WORDS } from "./column-builder.ts";
import { isAmbiguousDate } from "./dates.ts";
import { allRows, count, kindOfCell, placeOf, type Table, type TableColumn, textOfCell } from "./table.ts";

/** Levels of a category that are kept, the most frequent. */
export const MAX_LEVELS = 24;
/** A column is of numbers (or dates) when at least this share of its values are; the others are taken as missing. */
const MOSTLY = 0.95;
/** Text with at least this share of different values says who a row is, not what it is like. */
const NEARLY_ALL = 0.95;
/** What rests on "nearly all" needs this many values. */
const ENOUGH = 20;
/** A category whose kept levels say something about fewer rows is free text. */
const LEAST_COVERED = 0.1;

/** What a column is taken for. */
export type ColumnKind =
  | { kind: "number" | "date" }
  | { kind: "category"; levels: Level[]; distinct: number }
  | { kind: "ignored"; reason: string };

/** A value of a category and in how many rows it is. */
export type Level = { level: string; rows: number };

/**
 * What most values of a column are, by the whole file: numbers, dates or, when neither makes 95 % of them, words. Undefined where all are
 * missing.
 */
export function valueKind({ counts }: TableColumn): "number" | "date" | "category" | undefined {
  const present = counts.number + counts.date + counts.word;
  if (present === 0) return undefined;
  if (counts.number >= MOSTLY * present) return "number";
  return counts.date >= MOSTLY * present ? "date" : "category";
}

/** Options of {@link inferKind}. */
export type InferOptions = {
  /** The training rows. Default all. */
  rows?: Uint32Array;
  /** Whether a user asked for the column: then it is not left out because it looks like an identifier. Default false. */
  asked?: boolean;
};

/**
 * How a column can be of use to a model, and if not, why.
 *
 * @example
 * ```ts
 * for (const column of table.columns) console.log(column.name, inferKind(table, column));
 * ```
 */
export function inferKind(table: Table, column: TableColumn, { rows, asked = false }: InferOptions = {}): ColumnKind {
  const kind = valueKind(column);
  const used = allRows(table, rows);
  if (kind === undefined) return { kind: "ignored", reason: "all values are missing" };
  if (kind !== "category") {
    const constant = constantOf(column, used, kind);
    if (constant !== undefined) return { kind: "ignored", reason: constant };
    if (kind === "number" && !asked && countsRows(column, used)) {
      return { kind: "ignored", reason: "it counts the rows" };
    }
    return { kind };
  }
  const levels = levelsOf(column, used);
  const present = levels.reduce((sum, level) => sum + level.rows, 0);
  if (present === 0) return { kind: "ignored", reason: "all values are missing" };
  if (levels.length === 1 && present === used.length) {
    return { kind: "ignored", reason: `it is ${JSON.stringify(short(levels[0].level))} in all rows` };
  }
  if (levels.every(({ level }) => isAmbiguousDate(level))) {
    const example = short(levels[0].level);
    return { kind: "ignored", reason: `dates such as ${example} can be read in two ways; write them as 2024-12-31` };
  }
  if (!asked && present >= ENOUGH && levels.length >= NEARLY_ALL * present) {
    return { kind: "ignored", reason: "nearly all its values are different, so it names the rows" };
  }
  const kept = levels.slice(0, MAX_LEVELS);
  const covered = kept.reduce((sum, level) => sum + level.rows, 0);
  if (levels.length > MAX_LEVELS && covered < LEAST_COVERED * present) {
    const share = `the ${MAX_LEVELS} most frequent are in ${count(covered, "row")} only`;
    return { kind: "ignored", reason: `it has ${count(levels.length, "different value")}, and ${share}` };
  }
  return { kind: "category", levels: kept.sort((a, b) => compareLevels(a.level, b.level)), distinct: levels.length };
}

/** Every different value with its number of rows, the most frequent first; what is beyond the words that a column keeps is left out. */
export function levelsOf(column: TableColumn, rows: Uint32Array): Level[] {
  const { codes, values, words } = column;
  const byWord = new Uint32Array(words.length);
  const byText = new Map<string, number>();
  for (const row of rows) {
    const code = codes?.[row] ?? 0;
    if (code >= 2) byWord[code - 2]++;
    else if (!Number.isNaN(values[row])) {
      const text = textOfCell(column, row)!;
      byText.set(text, (byText.get(text) ?? 0) + 1);
    }
  }
  const levels = [...byText].map(([level, times]) => ({ level, rows: times }));
  byWord.forEach((times, i) => {
    if (times > 0 && words[i] !== OTHER_WORDS) levels.push({ level: words[i], rows: times });
  });
  return levels.sort((a, b) => b.rows - a.rows || compareLevels(a.level, b.level));
}

/** Numbers by size, before words by their characters; the same on every machine. */
export function compareLevels(a: string, b: string): number {
  const [m, n] = [Number(a), Number(b)];
  if (Number.isNaN(m) !== Number.isNaN(n)) return Number.isNaN(m) ? 1 : -1;
  return m - n || (a < b ? -1 : a > b ? 1 : 0);
}

/** What to say of values that are not what most values of their column are; undefined when all are. */
export function strayValues(table: Table, column: TableColumn, kind: "number" | "date"): string | undefined {
  const { counts, first } = column;
  const strays = counts.number + counts.date + counts.word - counts[kind];
  if (strays === 0) return undefined;
  const rows = [first.word, kind === "number" ? first.date : first.number].filter((row) => row !== undefined);
  const row = Math.min(...rows);
  const example = JSON.stringify(short(textOfCell(column, row)!));
  const others = strays === 1 ? "" : `, the first of ${strays} such values`;
  return `${placeOf(table, column, row)}: ${example} is not a ${kind}${others}`;
}

const short = (text: string): string => (text.length > 40 ? `${text.slice(0, 40)}…` : text);

function constantOf(column: TableColumn, rows: Uint32Array, kind: "number" | "date"): string | undefined {
  let row: number | undefined;
  let missing = 0;
  for (const other of rows) {
    if (kindOfCell(column, other) !== kind) missing++;
    else if (row === undefined) row = other;
    else if (column.values[other] !== column.values[row]) return undefined;
  }
  if (row === undefined) return "all values are missing";
  // Where a number is missing may say something, also when it is always the same.
  return missing > 0 && kind === "number" ? undefined : `it is ${textOfCell(column, row)} in all rows`;
}

/** 0, 1, 2, … or 1, 2, 3, … along the file. */
function countsRows({ values, counts }: TableColumn, rows: Uint32Array): boolean {
  if (counts.missing + counts.word + counts.date > 0 || values.length < ENOUGH) return false;
  const start = values[0];
  return (start === 0 || start === 1) && rows.every((row) => values[row] === start + row);
}
