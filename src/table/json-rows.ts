// Rows as programs have them, objects keyed by column name, to what a model sees, and what it says back to the target's units.
import { GmnmError, quote } from "../errors.ts";
import type { ExactTensor, Tensor } from "../tensor.ts";
import { parseNumber } from "./cell.ts";
import { type Decoded, decodeOutputs } from "./decode.ts";
import { widthOf } from "./encode.ts";
import type { Preprocessing, SeriesPreprocessing } from "./preprocessing.ts";
import { encodeRows } from "./rows.ts";

/** A row of a table by column name; null, and the texts that say so, such as "" and "NA", are missing values. */
export type JsonRow = Readonly<Record<string, unknown>>;

/** What a model says of a row: numbers by target, or the likeliest class and the probabilities of all. */
export type Prediction = Record<string, number> | ClassPrediction;
type ClassPrediction = { label: string; probabilities: Record<string, number> };

/** What stands between rows and a model, of a table or of a series. */
export type AnyPreprocessing = Preprocessing | SeriesPreprocessing;

/** True for the preprocessing of a series: rows are its past, the newest last, and predictions the rows to come. */
export const isSeries = (preprocessing: AnyPreprocessing): preprocessing is SeriesPreprocessing =>
  preprocessing.format === "gmnm series preprocessing";

/** Names of columns that a row may have: those the model reads first, then others of the training file, which it does not. */
export function knownColumns(preprocessing: AnyPreprocessing): { read: string[]; unused: string[] } {
  if (isSeries(preprocessing)) {
    const { columns, time } = preprocessing;
    return { read: columns.map(({ name }) => name), unused: time === undefined ? [] : [time] };
  }
  const { inputs, target, ignored } = preprocessing;
  const targets = target.kind === "classes" ? [target.name] : target.columns.map(({ name }) => name);
  const read = inputs.map(({ name }) => name);
  return { read, unused: [...targets, ...ignored.map(({ name }) => name)].filter((name) => !read.includes(name)) };
}

/** The shape of one row of x. */
export const inputShape = (preprocessing: AnyPreprocessing): number[] =>
  isSeries(preprocessing)
    ? [preprocessing.lookback, preprocessing.columns.length]
    : [preprocessing.inputs.reduce((sum, input) => sum + widthOf(input), 0)];

/**
 * Rows to what the model sees: of a table (rows, features); of a series its last `lookback` rows as (1, lookback, columns).
 *
 * @example
 * ```ts
 * const x = encodeJsonRows([{ age: 31, city: "Bonn" }], preprocessing);
 * ```
 * @throws GmnmError naming row and column (rows counted from 1) for a value that does not fit.
 */
export function encodeJsonRows(rows: readonly JsonRow[], preprocessing: AnyPreprocessing): Tensor {
  if (isSeries(preprocessing)) return encodeSeries(rows, preprocessing);
  const x = encodeRows(rows, preprocessing);
  const bad = x.data.findIndex((feature) => !Number.isFinite(feature));
  if (bad >= 0) {
    const width = x.shape[1];
    const names = preprocessing.inputs.flatMap((input) => new Array<string>(widthOf(input)).fill(input.name));
    throw tooLarge(Math.floor(bad / width), names[bad % width]);
  }
  return x;
}

/** A number that is fine as JSON has them, but not as the model's float32. */
const tooLarge = (row: number, column: string): GmnmError =>
  new GmnmError(`${place(row, column)}: the number is too large`);

/** As {@link encodeRows} counts: rows from 1. */
const place = (row: number, column: string): string => `row ${row + 1}, column ${quote(column)}`;

function encodeSeries(rows: readonly JsonRow[], { lookback, columns }: SeriesPreprocessing): Tensor {
  if (rows.length < lookback) {
    throw new GmnmError(`a forecast needs the last ${lookback} rows of the series, got ${rows.length}`);
  }
  const from = rows.length - lookback;
  const data = new Float32Array(lookback * columns.length);
  for (let t = 0; t < lookback; t++) {
    for (const [c, { name, transform, center, scale }] of columns.entries()) {
      const row = rows[from + t];
      const value = Object.hasOwn(row, name) ? row[name] : undefined;
      const number = typeof value === "string" ? parseNumber(value.trim()) : value;
      const at = place(from + t, name);
      if (typeof number !== "number" || !Number.isFinite(number)) {
        throw new GmnmError(`${at}: expected a number, got ${quote(String(value))}; a series has no gaps`);
      }
      if (transform === "log" && number <= 0) {
        throw new GmnmError(`${at}: this series is forecast on a log scale and must be above 0, got ${number}`);
      }
      const i = t * columns.length + c;
      data[i] = ((transform === "log" ? Math.log(number) : number) - center) / scale;
      if (!Number.isFinite(data[i])) throw tooLarge(from + t, name);
    }
  }
  return { data, shape: [1, lookback, columns.length] };
}

/**
 * What the model says, in the target's units: of a table one prediction a row; of a series the rows to come, the next one first.
 *
 * @throws GmnmError where an output is not finite, as it is for inputs absurdly far from those of the training.
 */
export function decodeJsonRows(outputs: ExactTensor, preprocessing: AnyPreprocessing): Prediction[] {
  const series = isSeries(preprocessing);
  const predictions = series
    ? decodeSeries(outputs, preprocessing)
    : toRows(decodeOutputs(outputs, preprocessing.target));
  for (const [i, prediction] of predictions.entries()) {
    const numbers = isClass(prediction) ? Object.values(prediction.probabilities) : Object.values(prediction);
    if (numbers.every(Number.isFinite)) continue;
    const where = `${series ? "step" : "row"} ${i + 1}`;
    throw new GmnmError(`${where}: the prediction is not finite, so the values lie too far from all that was learnt`);
  }
  return predictions;
}

const isClass = (prediction: Prediction): prediction is ClassPrediction => typeof prediction.probabilities === "object";

function toRows(decoded: Decoded): Prediction[] {
  if (decoded.kind === "numbers") {
    const { columns } = decoded;
    const row = (i: number) => Object.fromEntries(columns.map(({ name, values }) => [name, values[i]]));
    return Array.from(columns[0].values, (_, i) => row(i));
  }
  const { classes, labels, probabilities } = decoded;
  return labels.map((label, i) => ({
    label,
    probabilities: Object.fromEntries(classes.map((name, c) => [name, probabilities[i * classes.length + c]])),
  }));
}

function decodeSeries(
  { data, shape: [, horizon, width] }: ExactTensor,
  { columns, targets }: SeriesPreprocessing,
): Prediction[] {
  return Array.from({ length: horizon }, (_, t) =>
    Object.fromEntries(
      targets.map((at, j) => {
        const { name, transform, center, scale } = columns[at];
        const value = data[t * width + j] * scale + center;
        return [name, transform === "log" ? Math.exp(value) : value];
      }),
    ),
  );
}
