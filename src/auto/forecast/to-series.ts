// From a table to a series of equal steps: rows sorted by date, short gaps filled, everything else refused in one sentence. Our choice.
import { GmnmError } from "../../errors.ts";
import { DAY, dateFormat } from "./date-format.ts";
import { fillGaps } from "./gaps.ts";
import type { Series } from "./series.ts";
import { detectSpacing, positions, type Spacing, timeAfter } from "./spacing.ts";

/** What is needed of a table: its columns as numbers (dates as days since 2000-01-01T00:00Z), words and codes, and the line of every row. */
export type SeriesTable = {
  readonly source: string;
  readonly rows: number;
  readonly columns: readonly {
    readonly name: string;
    readonly values: Float64Array;
    /** 0 for a number or nothing, 1 for a date, 2 + its place in `words` for a word. */
    readonly codes?: Uint32Array;
    readonly words: readonly string[];
  }[];
  readonly lines: ArrayLike<number>;
};
type TableColumn = SeriesTable["columns"][number];

/** Options of {@link toSeries}. */
export type ToSeriesOptions = {
  /** The column of dates. Without it rows are taken to be equally spaced, in their order. */
  time?: string;
  /** What will be forecast. */
  targets: readonly string[];
  /** All columns of the series, targets among them. Default the targets. */
  columns?: readonly string[];
  /** Some dates as the file writes them, so that forecasts' dates are written alike. Default ISO 8601, as short as the dates allow. */
  written?: readonly string[];
};

/** A series, and what had to be repaired, a sentence each. */
export type PreparedSeries = { series: Series; warnings: string[] };

/** Rows of a table in order of time: `rows[i]` is the place in the table, or −1 where a row is missing. */
type Timeline = { rows: Int32Array; dates?: string[] };

const EPOCH = Date.UTC(2000, 0, 1);
const quote = (text: string) => JSON.stringify(text);

/**
 * A series from the columns of a table. Rows that are not in order of time are sorted; missing rows and values are interpolated where they are
 * few in a row. Both are said in `warnings`, with lines.
 *
 * @example
 * ```ts
 * const { series, warnings } = toSeries(table, { time: "Month", targets: ["Passengers"] });
 * ```
 * @throws GmnmError naming lines: for a date that is missing or unreadable, a date that occurs twice, irregular dates, a word among numbers, and
 * long gaps.
 */
export function toSeries(table: SeriesTable, options: ToSeriesOptions): PreparedSeries {
  const { time, targets, written } = options;
  const names = [...new Set([...targets, ...(options.columns ?? [])])].filter((name) => name !== time);
  if (time !== undefined && targets.includes(time))
    throw new GmnmError(`column ${quote(time)} cannot be both the time and a target`);
  const warnings: string[] = [];
  const columns = names.map((name) => columnNamed(table, name));
  for (const column of columns) expectNumbers(table, column);
  const timeline: Timeline =
    time === undefined
      ? { rows: Int32Array.from({ length: table.rows }, (_, i) => i) }
      : timelineOf(table, columnNamed(table, time), written, warnings);
  const filled = fillGaps(
    columns.map(({ name, values }) => ({
      name,
      values: Float64Array.from(timeline.rows, (row) => (row < 0 ? Number.NaN : values[row])),
    })),
    { source: table.source, place: (t) => placeOf(table, timeline, t), warnings },
  );
  const { from, to } = filled;
  const width = columns.length;
  const values = new Float64Array((to - from) * width);
  for (let t = from; t < to; t++) for (let c = 0; c < width; c++) values[(t - from) * width + c] = filled.columns[c][t];
  return {
    series: {
      source: table.source,
      columns: names,
      values,
      ...(timeline.dates && { dates: timeline.dates.slice(from, to) }),
    },
    warnings,
  };
}

/** "line 7", or "1984-12-31" for a row that the file does not have. */
const placeOf = (table: SeriesTable, { rows, dates }: Timeline, t: number): string =>
  rows[t] >= 0 ? `line ${table.lines[rows[t]]}` : (dates?.[t] ?? `step ${t + 1}`);

function columnNamed({ source, columns }: SeriesTable, name: string): TableColumn {
  const column = columns.find((candidate) => candidate.name === name);
  if (!column)
    throw new GmnmError(
      `${source} has no column ${quote(name)}; it has ${columns.map((c) => quote(c.name)).join(", ")}`,
    );
  return column;
}

function expectNumbers({ source, lines }: SeriesTable, { name, codes, words }: TableColumn): void {
  const row = codes?.findIndex((code) => code > 0) ?? -1;
  if (row < 0) return;
  const found = codes![row] === 1 ? "a date" : quote(words[codes![row] - 2]);
  throw new GmnmError(`${source}, line ${lines[row]}, column ${quote(name)}: ${found} is not a number`);
}

/** Times of all rows in milliseconds, and how to write them; numbers that are no years count steps, and are not written. */
function readTimes(
  table: SeriesTable,
  column: TableColumn,
  written?: readonly string[],
): { times: Float64Array; format?: (time: number) => string } {
  const { source, rows, lines } = table;
  const { name, values, codes, words } = column;
  const codeOf = (row: number) => Math.min(2, codes?.[row] ?? 0);
  const [first] = [codeOf(0)];
  for (let row = 0; row < rows; row++) {
    const place = `${source}, line ${lines[row]}, column ${quote(name)}`;
    if (codeOf(row) === 0 && Number.isNaN(values[row])) throw new GmnmError(`${place}: the date is missing`);
    if (codeOf(row) !== first) throw new GmnmError(`${place}: the date is not of the form that line ${lines[0]} has`);
  }
  if (first === 1) {
    const times = values.map((days) => EPOCH + Math.round(days * DAY));
    return { times, format: (written && dateFormat(written)?.format) ?? isoFormat(times) };
  }
  const texts = Array.from(values, (value, row) => (first === 2 ? words[codes![row] - 2] : String(value)));
  const format = dateFormat(texts);
  if (format?.ambiguous)
    throw new GmnmError(
      `${source}, column ${quote(name)}: ${quote(texts[0])} may be two days; write dates as 2020-12-31`,
    );
  if (format) return { times: Float64Array.from(texts, (text) => format.parse(text)!), format: format.format };
  if (first === 0) return { times: values.slice() };
  const odd = texts.findIndex((text) => dateFormat([text]) === undefined);
  const row = Math.max(0, odd);
  throw new GmnmError(
    `${source}, line ${lines[row]}, column ${quote(name)}: ${quote(texts[row])} is not a date in a form that is known and common to all rows`,
  );
}

/** ISO 8601, as short as the times allow: months, days, minutes or seconds. */
function isoFormat(times: Float64Array): (time: number) => string {
  const is = (step: number) => times.every((time) => time % step === 0);
  const letters = is(DAY) ? (times.every((time) => new Date(time).getUTCDate() === 1) ? 7 : 10) : is(60_000) ? 16 : 19;
  return (time) => new Date(time).toISOString().slice(0, letters);
}

function timelineOf(
  table: SeriesTable,
  column: TableColumn,
  written: readonly string[] | undefined,
  warnings: string[],
): Timeline {
  const { source, rows, lines } = table;
  const { times, format } = readTimes(table, column, written);
  const order = Int32Array.from({ length: rows }, (_, i) => i).sort((a, b) => times[a] - times[b] || a - b);
  const moved = order.findIndex((row, i) => row !== i);
  if (moved >= 0) {
    const earlier = times.findIndex((time, row) => row > 0 && time < times[row - 1]);
    warnings.push(
      `${source}: the rows were sorted by column ${quote(column.name)}, for line ${lines[earlier]} is earlier than line ${lines[earlier - 1]}`,
    );
  }
  for (let i = 1; i < rows; i++) {
    if (times[order[i]] !== times[order[i - 1]]) continue;
    const date = format ? ` ${format(times[order[i]])}` : "";
    throw new GmnmError(
      `${source}: lines ${lines[order[i - 1]]} and ${lines[order[i]]} have the same date${date} in column ${quote(column.name)}; a series has one row per date`,
    );
  }
  const sorted = Float64Array.from(order, (row) => times[row]);
  const spacing: Spacing = detectSpacing(sorted, `${source}, column ${quote(column.name)}`, { plain: !format });
  const places = positions(spacing, sorted);
  const length = places[rows - 1] + 1;
  const timeline = new Int32Array(length).fill(-1);
  order.forEach((row, i) => {
    timeline[places[i]] = row;
  });
  const dates =
    format && Array.from(timeline, (row, t) => format(row >= 0 ? times[row] : timeAfter(spacing, sorted[0], t)));
  return { rows: timeline, ...(dates && { dates }) };
}
