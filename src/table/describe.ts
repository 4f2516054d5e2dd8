import { valuesOf } from "./fit.ts";
import { type ColumnKind, inferKind, type Level, levelsOf, valueKind } from "./infer.ts";
import { moments, quantile } from "./statistics.ts";
import { allRows, kindOfCell, type Table, type TableColumn } from "./table.ts";

/** What a column holds, in numbers. */
export type ColumnDescription = {
  name: string;
  kind: ColumnKind["kind"];
  /** Why it is ignored. */
  reason?: string;
  /** Rows without a value, and values of another kind than the column's, which count as missing. */
  missing: number;
  /** Different values. */
  distinct: number;
  /** Of numbers, in their unit, and of dates, in days since 2000-01-01T00:00Z. */
  numbers?: { mean: number; sd: number; min: number; q1: number; median: number; q3: number; max: number };
  /** Of categories: the most frequent values. */
  top?: Level[];
};

/** As many levels as a reader takes in. */
const TOP = 5;

/**
 * Every column of a table in a few numbers, for people.
 *
 * @param rows - which rows. Default all.
 *
 * @example
 * ```ts
 * console.table(describeTable(await readTable("houses.csv")));
 * ```
 */
export const describeTable = (table: Table, rows?: Uint32Array): ColumnDescription[] =>
  table.columns.map((column) => describeColumn(table, column, allRows(table, rows)));

function describeColumn(table: Table, column: TableColumn, rows: Uint32Array): ColumnDescription {
  const found = inferKind(table, column, { rows });
  const about = { name: column.name, kind: found.kind, ...(found.kind === "ignored" ? { reason: found.reason } : {}) };
  const kind = valueKind(column);
  if (kind === undefined) return { ...about, missing: rows.length, distinct: 0 };
  if (kind === "category") {
    const levels = levelsOf(column, rows);
    const missing = rows.reduce((sum, row) => sum + (kindOfCell(column, row) === "missing" ? 1 : 0), 0);
    return { ...about, missing, distinct: levels.length, top: levels.slice(0, TOP) };
  }
  const sorted = valuesOf(column, kind, rows).sort();
  if (sorted.length === 0) return { ...about, missing: rows.length, distinct: 0 };
  const { mean, deviation } = moments(sorted);
  const distinct = sorted.reduce((sum, value, i) => sum + (i === 0 || value !== sorted[i - 1] ? 1 : 0), 0);
  const [min, q1, median, q3, max] = [0, 0.25, 0.5, 0.75, 1].map((share) => quantile(sorted, share));
  return {
    ...about,
    missing: rows.length - sorted.length,
    distinct,
    numbers: { mean, sd: deviation, min, q1, median, q3, max },
  };
}
