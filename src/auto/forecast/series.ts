import { GmnmError } from "../../errors.ts";
import type { SeriesPreprocessing } from "../../table/preprocessing.ts";
import type { Tensor } from "../../tensor.ts";
import { type DateFormat, readDates } from "./date-format.ts";
import { calendarSeasons, detectSpacing, type Spacing } from "./spacing.ts";

/** Several quantities at equally spaced times: values (rows, columns), row-major, without gaps. `source` names them in messages. */
export type Series = {
  readonly columns: readonly string[];
  readonly values: ArrayLike<number>;
  readonly dates?: readonly string[];
  readonly source?: string;
};

export const nameOf = ({ source }: Series): string => source ?? "the series";
export const rowsOf = ({ values, columns }: Series): number => values.length / columns.length;

/** One column of a series. */
export function columnOf({ values, columns }: Series, index: number): Float64Array {
  const width = columns.length;
  return Float64Array.from({ length: values.length / width }, (_, t) => values[t * width + index]);
}

/** Windows (starts, length, columns) of columns, from row `starts[i]` on each. */
export function windowsFrom(columns: readonly Float64Array[], starts: ArrayLike<number>, length: number): Tensor {
  const width = columns.length;
  const data = new Float32Array(starts.length * length * width);
  for (let i = 0; i < starts.length; i++)
    for (let t = 0; t < length; t++)
      for (let c = 0; c < width; c++) data[(i * length + t) * width + c] = columns[c][starts[i] + t];
  return { data, shape: [starts.length, length, width] };
}

/** Throws unless the series is made of whole rows of finite numbers, with a date each where there are dates. */
export function checkSeries(series: Series): void {
  const { columns, values, dates } = series;
  const name = nameOf(series);
  if (columns.length === 0) throw new GmnmError(`${name} has no columns`);
  const rows = rowsOf(series);
  if (!Number.isInteger(rows) || rows === 0)
    throw new GmnmError(`${name} has ${values.length} numbers, which do not make rows of ${columns.length} columns`);
  if (dates && dates.length !== rows) throw new GmnmError(`${name} has ${rows} rows and ${dates.length} dates`);
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) {
      const column = columns[i % columns.length];
      throw new GmnmError(
        `${name}: row ${Math.floor(i / columns.length) + 1} of column "${column}" is ${values[i]}, not a finite number`,
      );
    }
  }
}

/** What the dates of a series say: how to read and write them, and their equal steps; undefined without dates. */
export function calendarOf(
  series: Series,
): { times: Float64Array; format: DateFormat; spacing: Spacing; seasons: number[] } | undefined {
  if (!series.dates || series.dates.length < 2) return undefined;
  const { times, format } = readDates(series.dates, nameOf(series));
  const spacing = detectSpacing(times, nameOf(series));
  return { times, format, spacing, seasons: calendarSeasons(spacing) };
}

type Column = SeriesPreprocessing["columns"][number];

/** Where swings grow at least so much with the level, on a scale from 0 (not at all) to 1 (in proportion), the logarithm is taken. Our choice. */
const GROWTH = 0.5;
/** Stretches a series is cut into to see whether its swings grow. */
const STRETCHES = 8;

/**
 * True for a positive series whose swings grow with its level: the slope of log swing against log level over stretches of whole seasons is
 * above one half, with a correlation to match.
 */
export function growsWithLevel(values: Float64Array, season: number): boolean {
  if (values.length < 24 || !values.every((value) => value > 0)) return false;
  const length = Math.max(season, 4, Math.floor(values.length / STRETCHES / Math.max(1, season)) * season);
  const points: [number, number][] = [];
  for (let from = values.length % length; from + length <= values.length; from += length) {
    const stretch = values.subarray(from, from + length);
    const level = stretch.reduce((sum, value) => sum + value, 0) / length;
    // Differences, so that a trend within the stretch is no swing.
    let swing = 0;
    for (let t = 1; t < length; t++) swing += Math.abs(stretch[t] - stretch[t - 1]) / (length - 1);
    if (swing > 0) points.push([Math.log(level), Math.log(swing)]);
  }
  if (points.length < 3) return false;
  const [x, y] = [0, 1].map((axis) => points.reduce((sum, point) => sum + point[axis], 0) / points.length);
  let [xx, xy, yy] = [0, 0, 0];
  for (const [a, b] of points) {
    xx += (a - x) ** 2;
    xy += (a - x) * (b - y);
    yy += (b - y) ** 2;
  }
  // Levels within a few percent of each other say nothing.
  const spreadOfLevels = Math.sqrt(xx / points.length);
  return spreadOfLevels > 0.05 && xy / xx > GROWTH && xy / Math.sqrt(xx * yy) > 0.6;
}

/** How a column is put on the model's scale, from its training values. */
export function fitColumn(name: string, values: Float64Array, season: number): Column {
  const transform = growsWithLevel(values, season) ? "log" : "identity";
  const moved = transform === "log" ? values.map(Math.log) : values;
  const center = moved.reduce((sum, value) => sum + value, 0) / moved.length;
  const variance = moved.reduce((sum, value) => sum + (value - center) ** 2, 0) / moved.length;
  // A constant column becomes 0; rounding leaves a variance of up to 1e-30 or so of the square.
  return { name, transform, center, scale: variance > 1e-24 * center * center ? Math.sqrt(variance) : 1 };
}

/** The columns a model was made for, on its scale, found by name. */
export function encodeColumns(series: Series, { columns }: Pick<SeriesPreprocessing, "columns">): Float64Array[] {
  return columns.map(({ name, transform, center, scale }) => {
    const index = series.columns.indexOf(name);
    if (index < 0)
      throw new GmnmError(`${nameOf(series)} has no column "${name}"; it has ${series.columns.join(", ")}`);
    const values = columnOf(series, index);
    const low = transform === "log" ? values.findIndex((value) => value <= 0) : -1;
    if (low >= 0)
      throw new GmnmError(
        `${nameOf(series)}: row ${low + 1} of column "${name}" is ${values[low]}, and the model takes its logarithm`,
      );
    return values.map((value) => ((transform === "log" ? Math.log(value) : value) - center) / scale);
  });
}

/** A number on the model's scale in the column's own unit. */
export const decodeValue = ({ transform, center, scale }: Column, value: number): number => {
  const moved = value * scale + center;
  return transform === "log" ? Math.exp(moved) : moved;
};
