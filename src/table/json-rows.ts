// Rows as programs have them, objects keyed by column name, to what a model sees, and what it says back to the target's units.
import { GmnmError } from "../errors.ts";
import { sizeOf, type Tensor } from "../tensor.ts";
import { isMissing, parseNumber } from "./cell.ts";
import { parseDate } from "./dates.ts";
import type { Input, Preprocessing, SeriesPreprocessing, Target } from "./preprocessing.ts";

/** A row of a table by column name; null, undefined and the texts that say so, such as "" and "NA", are missing values. */
export type JsonRow = Readonly<Record<string, unknown>>;

/** What a model says of a row: numbers by target, or the likeliest class and the probabilities of all. */
export type Prediction = Record<string, number> | { label: string; probabilities: Record<string, number> };

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

/** Features that a column becomes. */
function widthOf(input: Input): number {
  if (input.kind === "category") return input.levels.length;
  return input.kind === "number" ? 1 + Number(input.flag) : 1 + 2 * input.cycles.length;
}

/**
 * Rows to what the model sees: of a table (rows, features); of a series its last `lookback` rows as (1, lookback, columns).
 *
 * @example
 * ```ts
 * const x = encodeJsonRows([{ age: 31, city: "Bonn" }], preprocessing);
 * ```
 * @throws GmnmError naming row and column (rows counted from 0) for a value that does not fit.
 */
export function encodeJsonRows(rows: readonly JsonRow[], preprocessing: AnyPreprocessing): Tensor {
  if (isSeries(preprocessing)) return encodeSeries(rows, preprocessing);
  const [width] = inputShape(preprocessing);
  const data = new Float32Array(rows.length * width);
  for (const [i, row] of rows.entries()) {
    let at = i * width;
    for (const input of preprocessing.inputs) {
      for (const feature of featuresOf(input, cellOf(row, input.name), i)) data[at++] = feature;
      expectInRange(data.subarray(at - widthOf(input), at), i, input.name);
    }
  }
  return { data, shape: [rows.length, width] };
}

function encodeSeries(rows: readonly JsonRow[], { lookback, columns }: SeriesPreprocessing): Tensor {
  if (rows.length < lookback) {
    throw new GmnmError(`a forecast needs the last ${lookback} rows of the series, got ${rows.length}`);
  }
  const from = rows.length - lookback;
  const data = new Float32Array(lookback * columns.length);
  for (let t = 0; t < lookback; t++) {
    for (const [c, { name, transform, center, scale }] of columns.entries()) {
      const at = `row ${from + t}, column ${JSON.stringify(name)}`;
      const value = numberOf(cellOf(rows[from + t], name), from + t, name);
      if (value === undefined) throw new GmnmError(`${at}: the past of a series must have no missing values`);
      if (transform === "log" && value <= 0) {
        throw new GmnmError(`${at}: this series is forecast on a log scale and must be above 0, got ${value}`);
      }
      data[t * columns.length + c] = ((transform === "log" ? Math.log(value) : value) - center) / scale;
      expectInRange(data.subarray(t * columns.length + c, t * columns.length + c + 1), from + t, name);
    }
  }
  return { data, shape: [1, lookback, columns.length] };
}

function expectInRange(features: Float32Array, row: number, column: string): void {
  if (!features.every(Number.isFinite))
    throw new GmnmError(`row ${row}, column ${JSON.stringify(column)}: the number is too large`);
}

/** A row's own value: a column may be called like something every object has. */
const cellOf = (row: JsonRow, name: string): unknown => (Object.hasOwn(row, name) ? row[name] : undefined);

/** What a cell holds: text without the spaces around it; undefined for a missing value, however it is written. */
function contentOf(value: unknown): unknown {
  const content = typeof value === "string" ? value.trim() : value;
  const missing = typeof content === "string" ? isMissing(content) : content === null || Number.isNaN(content);
  return missing ? undefined : content;
}

function featuresOf(input: Input, value: unknown, row: number): number[] {
  switch (input.kind) {
    case "number": {
      const { name, transform, center, scale, fill, flag } = input;
      const known = numberOf(value, row, name);
      const v = known ?? fill;
      const transformed = transform === "signedLog" ? Math.sign(v) * Math.log1p(Math.abs(v)) : v;
      return [(transformed - center) / scale, ...(flag ? [Number(known === undefined)] : [])];
    }
    case "category": {
      const content = contentOf(value);
      if (typeof content === "object") {
        throw new GmnmError(`row ${row}, column ${JSON.stringify(input.name)}: expected text, got ${show(value)}`);
      }
      const level = content === undefined ? undefined : String(content);
      return input.levels.map((known) => Number(known === level));
    }
    case "date": {
      const content = contentOf(value);
      const days = content === undefined ? input.fill : daysOf(content);
      if (days === undefined) {
        const expected = "expected a date such as 2024-02-29 or 2024-02-29T12:30Z";
        throw new GmnmError(`row ${row}, column ${JSON.stringify(input.name)}: ${expected}, got ${show(value)}`);
      }
      const angles = input.cycles.map((length) => (2 * Math.PI * days) / length);
      return [(days - input.center) / input.scale, ...angles.flatMap((a) => [Math.sin(a), Math.cos(a)])];
    }
  }
}

/** Days since 2000-01-01T00:00Z of a Date or a text. */
function daysOf(content: unknown): number | undefined {
  if (content instanceof Date) return (content.getTime() - Date.UTC(2000, 0, 1)) / 86_400_000;
  return typeof content === "string" ? parseDate(content) : undefined;
}

/** A number, or text that is one; undefined where it is missing. */
function numberOf(value: unknown, row: number, column: string): number | undefined {
  const content = contentOf(value);
  if (content === undefined) return undefined;
  const number = typeof content === "string" ? parseNumber(content) : content;
  if (typeof number === "number" && Number.isFinite(number)) return number;
  throw new GmnmError(`row ${row}, column ${JSON.stringify(column)}: expected a number, got ${show(value)}`);
}

const show = (value: unknown): string => {
  const text = typeof value === "number" ? String(value) : (JSON.stringify(value) ?? typeof value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
};

/**
 * What the model says, in the target's units: of a table one prediction a row; of a series the rows to come, the next one first.
 *
 * @throws GmnmError where an output is not finite, as it is for inputs absurdly far from those of the training.
 */
export function decodeJsonRows(
  { data, shape }: { readonly data: ArrayLike<number>; readonly shape: readonly number[] },
  preprocessing: AnyPreprocessing,
): Prediction[] {
  const series = isSeries(preprocessing);
  const width = series ? shape[2] : sizeOf(shape.slice(1));
  const decode = series ? decodeStep(preprocessing) : decodeTarget(preprocessing.target);
  return Array.from({ length: data.length / width }, (_, i) => {
    const outputs = Array.from({ length: width }, (_, j) => data[i * width + j]);
    const prediction = decode(outputs);
    const numbers = "probabilities" in prediction ? outputs : Object.values(prediction);
    if (numbers.every(Number.isFinite)) return prediction;
    const where = series ? `step ${i + 1}` : `row ${i}`;
    throw new GmnmError(`${where}: the prediction is not finite, so the values lie too far from all that was learnt`);
  });
}

const signedExp = (v: number): number => Math.sign(v) * Math.expm1(Math.abs(v));

function decodeTarget(target: Target): (outputs: number[]) => Prediction {
  if (target.kind === "classes") return (outputs) => classOf(outputs, target.classes);
  return (outputs) =>
    Object.fromEntries(
      target.columns.map(({ name, transform, center, scale }, j) => {
        const value = outputs[j] * scale + center;
        return [name, transform === "signedLog" ? signedExp(value) : value];
      }),
    );
}

function decodeStep({ columns, targets }: SeriesPreprocessing): (outputs: number[]) => Prediction {
  return (outputs) =>
    Object.fromEntries(
      targets.map((place, j) => {
        const { name, transform, center, scale } = columns[place];
        const value = outputs[j] * scale + center;
        return [name, transform === "log" ? Math.exp(value) : value];
      }),
    );
}

function classOf(logits: number[], classes: readonly string[]): Prediction {
  const top = Math.max(...logits);
  const exponentials = logits.map((logit) => Math.exp(logit - top));
  const total = exponentials.reduce((sum, e) => sum + e, 0);
  const probabilities = Object.fromEntries(classes.map((name, k) => [name, exponentials[k] / total]));
  return { label: classes[logits.indexOf(top)], probabilities };
}
