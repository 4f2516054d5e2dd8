// How much of what a model says hangs on each column, and how. Works on any model, for it only asks it questions.
import type { Model } from "../model.ts";
import { Random } from "../random.ts";
import { decodeOutputs } from "../table/decode.ts";
import { widthOf, writeValue } from "../table/encode.ts";
import type { Input, Preprocessing } from "../table/preprocessing.ts";
import { type Tensor, takeRows } from "../tensor.ts";
import { type Predictor, predictor } from "../train/predictor.ts";
import { rawValue } from "./features.ts";

/** What one column does to the predictions. */
export type Influence = {
  input: string;
  /** True where `at` is days since 2000-01-01. */
  isDate?: boolean;
  /**
   * M. Jansen's estimate of the total Sobol index (Computer Physics Communications 117, 1999): the share of the predictions' variance that goes when
   * the column is known to be another row's. With columns that depend on each other the shares may sum to more or less than 1.
   */
  share: number;
  /**
   * Partial dependence (J. Friedman, Annals of Statistics 29, 2001): the mean prediction when every row has this value in the column. For numbers
   * in steps between the 5th and the 95th percentile, in the column's unit; for categories at each level. Empty for all but the strongest columns.
   */
  at: (number | string)[];
  /** (at.length, outputs) in the target's unit, or as probabilities. */
  mean: number[][];
};

/** Rows that are asked about, steps of a curve, and columns that have one, the strongest. Our choice: enough for figures. */
const [ROWS, STEPS, CURVES] = [256, 24, 24];

/**
 * The influence of every column, the strongest first. x (rows, features) is encoded. Asks the model about at most 256 rows for every column, and for
 * every point of the curves; one such set of rows is in memory at a time.
 */
export async function influences(model: Model, preprocessing: Preprocessing, x: Tensor): Promise<Influence[]> {
  const random = new Random(0);
  const rows = takeRows(x, random.permutation(x.shape[0]).subarray(0, ROWS));
  const say = await predictor(model, { batchSize: rows.shape[0] });
  try {
    const ask = (asked: Tensor) => answers(say, preprocessing, asked);
    const base = await ask(rows);
    const variance = sum(base[0].map((_, o) => varianceOf(base.map((y) => y[o]))));
    const columns: (Place & { share: number })[] = [];
    for (const place of placesOf(preprocessing)) {
      const other = await ask(withOthers(rows, place, takeRows(rows, random.permutation(rows.shape[0]))));
      const moved = sum(base.map((y, i) => sum(y.map((value, o) => (value - other[i][o]) ** 2)))) / base.length;
      columns.push({ ...place, share: variance > 0 ? moved / (2 * variance) : 0 });
    }
    columns.sort((a, b) => b.share - a.share);
    const found: Influence[] = [];
    for (const { share, ...place } of columns) {
      const points = found.length < CURVES ? pointsOf(rows, place) : [];
      const mean: number[][] = [];
      for (const { features } of points) mean.push(meanOf(await ask(withFeatures(rows, place, features))));
      const { name, kind } = place.input;
      found.push({
        input: name,
        ...(kind === "date" && { isDate: true }),
        share,
        at: points.map(({ at }) => at),
        mean,
      });
    }
    return found;
  } finally {
    await say.dispose();
  }
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const meanOf = (ys: readonly number[][]): number[] => ys[0].map((_, o) => sum(ys.map((y) => y[o])) / ys.length);
function varianceOf(values: readonly number[]): number {
  const mean = sum(values) / values.length;
  return sum(values.map((value) => (value - mean) ** 2)) / values.length;
}

/** The features that an input becomes: `count` of them from `first` on. */
type Place = { input: Input; first: number; count: number };

function placesOf({ inputs }: Preprocessing): Place[] {
  let first = 0;
  return inputs.map((input) => {
    const place = { input, first, count: widthOf(input) };
    first += place.count;
    return place;
  });
}

/** The rows with one input as other rows have it. */
function withOthers(rows: Tensor, { first, count }: Place, others: Tensor): Tensor {
  const [n, d] = rows.shape;
  const data = rows.data.slice();
  for (let i = 0; i < n; i++) {
    const from = i * d + first;
    data.set(others.data.subarray(from, from + count), from);
  }
  return { data, shape: rows.shape };
}

/** The rows, all with the same value of one input. */
function withFeatures(rows: Tensor, { first }: Place, features: Float32Array): Tensor {
  const [n, d] = rows.shape;
  const data = rows.data.slice();
  for (let i = 0; i < n; i++) data.set(features, i * d + first);
  return { data, shape: rows.shape };
}

/** The values of an input that its curve is asked at, as people read them and as features. */
function pointsOf(rows: Tensor, { input, first, count }: Place): { at: number | string; features: Float32Array }[] {
  if (input.kind === "category") {
    return input.levels.map((at, level) => ({ at, features: new Float32Array(count).fill(1, level, level + 1) }));
  }
  const [n, d] = rows.shape;
  const sorted = Float32Array.from({ length: n }, (_, i) => rows.data[i * d + first]).sort();
  const [low, high] = [0.05, 0.95].map((q) => sorted[Math.round(q * (n - 1))]);
  const steps = low < high ? STEPS : 1;
  return Array.from({ length: steps }, (_, i) => {
    const at = rounded(rawValue(input, low + ((high - low) * i) / Math.max(1, steps - 1)), input.scale);
    const features = new Float32Array(count);
    writeValue(input, at, features, 0);
    return { at, features };
  });
}

/** Features have 24 bits: what lies below them is no part of the value. */
const rounded = (value: number, scale: number): number =>
  Math.abs(value) < 1e-5 * scale ? 0 : Number(value.toPrecision(6));

/** What the model says of rows: (rows, outputs) in the target's unit, or as probabilities. */
async function answers(say: Predictor, { target }: Preprocessing, rows: Tensor): Promise<number[][]> {
  const said = decodeOutputs(await say(rows), target);
  const row = (i: number): number[] => {
    if (said.kind === "numbers") return said.columns.map(({ values }) => values[i]);
    const classes = said.classes.length;
    return [...said.probabilities.subarray(i * classes, (i + 1) * classes)];
  };
  return Array.from({ length: rows.shape[0] }, (_, i) => row(i));
}
