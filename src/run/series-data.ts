// The series of a run: a table whose rows are in order of time.
import { type PreparedSeries, type Series, toSeries } from "../auto/index.ts";
import { GmnmError } from "../errors.ts";
import { inferKind, readTable, resolveColumn, type Table } from "../table/index.ts";
import { type RunConfig, readingOf } from "./config.ts";
import type { SeriesRun } from "./load-run.ts";
import type { ReadOptions } from "./run-data.ts";

/** What a forecast learns from. */
export type SeriesData = PreparedSeries & {
  time?: string;
  targets: string[];
  /** Rows of the table, and those kept at the end for a test. */
  rows: { read: number; tested: number };
};

/**
 * Reads a run's series. The time is the column that is named, else the only one of dates; columns beside the targets are looked at when they are asked
 * for as features.
 *
 * @throws GmnmError, one sentence that names lines, for what is no series.
 */
export async function readSeriesData(config: RunConfig, { onRead, onTable }: ReadOptions = {}): Promise<SeriesData> {
  const table = await readTable(config.file, { ...readingOf(config), onProgress: onRead });
  await onTable?.(table);
  const targets = config.target.map((name) => resolveColumn(table, name).name);
  const time = timeOf(table, config.time, targets);
  const prepared = seriesOf(table, { time, targets, columns: config.features });
  const share = typeof config.test === "number" ? config.test : 0;
  if (typeof config.test === "string") {
    throw new GmnmError("a forecast is tested on the end of its own series: give --test a share, such as 10%");
  }
  const rows = prepared.series.values.length / prepared.series.columns.length;
  return { ...prepared, targets, time, rows: { read: table.rows, tested: Math.round(share * rows) } };
}

/** The series of another file for a run that has ended. */
export async function readSeriesFor(
  file: string,
  { config, preprocessing: { time, columns } }: Pick<SeriesRun, "config" | "preprocessing">,
): Promise<PreparedSeries> {
  const table = await readTable(file, readingOf(config));
  const names = columns.map(({ name }) => name);
  return seriesOf(table, { time, targets: names });
}

function seriesOf(
  table: Table,
  options: { time?: string; targets: readonly string[]; columns?: readonly string[] },
): PreparedSeries {
  const { time, targets, columns = [] } = options;
  return toSeries(table, {
    ...(time !== undefined && { time: resolveColumn(table, time).name }),
    targets,
    columns: columns.map((name) => resolveColumn(table, name).name),
  });
}

function timeOf(table: Table, named: string | undefined, targets: readonly string[]): string | undefined {
  if (named !== undefined) return resolveColumn(table, named).name;
  const dates = table.columns.filter(
    (column) => !targets.includes(column.name) && inferKind(table, column).kind === "date",
  );
  if (dates.length <= 1) return dates[0]?.name;
  throw new GmnmError(
    `${table.source} has several columns of dates; name one with --time: ${dates.map(({ name }) => name).join(", ")}`,
  );
}

/** The first rows of a series. */
export function beginOf(series: Series, rows: number): Series {
  const width = series.columns.length;
  return {
    ...series,
    values: Array.prototype.slice.call(series.values, 0, rows * width),
    ...(series.dates && { dates: series.dates.slice(0, rows) }),
  };
}
