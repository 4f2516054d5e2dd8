// How much of what a model says hangs on each column, and how. Works on any model, for it only asks it questions.
import type { Model } from "../model.ts";
import { Random } from "../random.ts";
import type { Input, Preprocessing } from "../table/preprocessing.ts";
import { type Tensor, takeRows } from "../tensor.ts";
import { predict } from "../train/predict.ts";
import { featureCount, rawValue } from "./features.ts";

/** What one column does to the predictions. */
export type Influence = {
  input: string;
  /**
   * M. Jansen's estimate of the total Sobol index (Computer Physics Communications 117, 1999): the share of the predictions' variance that goes when
   * the column is known to be another row's. With columns that depend on each other the shares may sum to more or less than 1.
   */
  share: number;
  /**
   * Partial dependence (J. Friedman, Annals of Statistics 29, 2001): the mean prediction when every row has this value in the column. For numbers
   * in steps between the 5th and the 95th percentile, in the column's unit; for categories at each level.
   */
  at: (number | string)[];
  /** (at.length, outputs) in the target's unit, or as probabilities. */
  mean: number[][];
};

/** Rows that are asked about, steps of a curve. Our choice: enough for a figure. */
const [ROWS, STEPS] = [256, 24];

/** The influence of every column, the strongest first. x (rows, features) is encoded. */
export async function influences(model: Model, preprocessing: Preprocessing, x: Tensor): Promise<Influence[]> {
  const random = new Random(0);
  const rows = takeRows(x, random.permutation(x.shape[0]).subarray(0, ROWS));
  const columns = columnsOf(preprocessing);
  const asked = columns.flatMap(({ input, first, count }) => {
    const shuffled = withColumns(rows, first, takeRows(rows, random.permutation(rows.shape[0])), count);
    return [shuffled, ...gridOf(input, rows, first).map(({ values }) => withColumns(rows, first, values, count))];
  });
  const answers = await ask(model, preprocessing, [rows, ...asked]);
  const [base] = answers;
  const variance = sum(base[0].map((_, o) => varianceOf(base.map((y) => y[o]))));
  let next = 1;
  const found = columns.map(({ input, first }): Influence => {
    const other = answers[next++];
    const moved = sum(base.map((y, i) => sum(y.map((value, o) => (value - other[i][o]) ** 2)))) / base.length;
    const grid = gridOf(input, rows, first);
    const mean = grid.map(() => meanOf(answers[next++]));
    return { input: input.name, share: variance > 0 ? moved / (2 * variance) : 0, at: grid.map(({ at }) => at), mean };
  });
  return found.sort((a, b) => b.share - a.share);
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const meanOf = (ys: readonly number[][]): number[] => ys[0].map((_, o) => sum(ys.map((y) => y[o])) / ys.length);
function varianceOf(values: readonly number[]): number {
  const mean = sum(values) / values.length;
  return sum(values.map((value) => (value - mean) ** 2)) / values.length;
}

function columnsOf({ inputs }: Preprocessing) {
  let first = 0;
  return inputs.map((input) => {
    const column = { input, first, count: featureCount(input) };
    first += column.count;
    return column;
  });
}

type Values = Tensor | readonly number[];

/** The rows with other features from `first` on: those of other rows, or the same few for all. */
function withColumns(rows: Tensor, first: number, values: Values, count: number): Tensor {
  const [n, d] = rows.shape;
  const data = rows.data.slice();
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < count; j++) {
      data[i * d + first + j] = "data" in values ? values.data[i * d + first + j] : values[j];
    }
  }
  return { data, shape: rows.shape };
}

/** The values of a column that its curve is asked at, as features, and as people read them. */
function gridOf(input: Input, rows: Tensor, first: number): { at: number | string; values: number[] }[] {
  if (input.kind === "category") {
    return input.levels.map((at, level) => ({ at, values: input.levels.map((_, i) => Number(i === level)) }));
  }
  const [n, d] = rows.shape;
  const sorted = Float32Array.from({ length: n }, (_, i) => rows.data[i * d + first]).sort();
  const [low, high] = [0.05, 0.95].map((q) => sorted[Math.round(q * (n - 1))]);
  const steps = low < high ? STEPS : 1;
  return Array.from({ length: steps }, (_, i) => {
    const value = low + ((high - low) * i) / Math.max(1, steps - 1);
    const at = rounded(rawValue(input, value), input.scale);
    const cycles =
      input.kind === "date"
        ? input.cycles.flatMap((days) => [Math.sin, Math.cos].map((f) => f((2 * Math.PI * at) / days)))
        : [];
    return { at, values: input.kind === "date" ? [value, ...cycles] : [value, 0] };
  });
}

/** Features have 24 bits: what lies below them is no part of the value. */
const rounded = (value: number, scale: number): number =>
  Math.abs(value) < 1e-5 * scale ? 0 : Number(value.toPrecision(6));

/** What the model says of each set of rows: (rows, outputs) in the target's unit, or as probabilities; one call for all sets. */
async function ask(model: Model, { target }: Preprocessing, sets: readonly Tensor[]): Promise<number[][][]> {
  const [n, d] = sets[0].shape;
  const data = new Float32Array(sets.length * n * d);
  sets.forEach((set, i) => {
    data.set(set.data, i * n * d);
  });
  const said = await predict(model, { data, shape: [sets.length * n, d] });
  const outputs = said.shape[1];
  const rowAt = (i: number): number[] => {
    const y = [...said.data.subarray(i * outputs, (i + 1) * outputs)];
    if (target.kind === "numbers")
      return y.map((value, o) => value * target.columns[o].scale + target.columns[o].center);
    const largest = Math.max(...y);
    const odds = y.map((value) => Math.exp(value - largest));
    return odds.map((value) => value / sum(odds));
  };
  return sets.map((_, s) => Array.from({ length: n }, (_, i) => rowAt(s * n + i)));
}
