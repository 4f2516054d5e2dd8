// What a task hands to the models: numbers to learn from, numbers to judge by, and what the page needs to draw both.
import type { Tensor, Tensors } from "../gmnm.ts";

export type LossName = "mse" | "logistic" | "crossEntropy" | "poisson";

/**
 * An axis of a picture: the interval in what models see, and how the user's numbers come from it: mean + std · x, which is a number as it is, the
 * signed logarithm of one, or days of a date.
 */
export type Axis = {
  name: string;
  low: number;
  high: number;
  mean: number;
  std: number;
  scale: "plain" | "signedLog" | "date";
};

/** What there is to see. */
export type View =
  /** Functions of two numbers. `target` on the nodes of a grid, rows from low to high; `points` (x, y, value). */
  | {
      kind: "plane";
      axes: [Axis, Axis];
      range: Range;
      target?: Float32Array;
      points: Float32Array;
      /** Where values have units: those of the user's column. */
      value?: Axis;
      classes?: [string, string];
    }
  /** Functions of one number. `points` (x, y). */
  | { kind: "line"; axis: Axis; range: Range; target?: Float32Array; points: Float32Array; value?: Axis }
  /** Digits, and the classes by name. */
  | { kind: "digits"; classes: readonly string[]; side: number }
  /** Rows of a table: what was said of rows that were held out beside what is true. */
  | { kind: "rows"; truth: Float32Array; classes?: readonly string[]; value?: Axis };

/** Values at the two ends of the colour scale. */
export type Range = readonly [low: number, high: number];

/** What is neutral lies in the middle. Where classes are certain the field is not at its darkest: points lie on it. */
export const shownRange = (view: View & { kind: "plane" }): Range => (view.classes ? [-1.5, 1.5] : view.range);

export type Problem = {
  inFeatures: number;
  outFeatures: number;
  loss: LossName;
  /** What a step takes: x and y, or for Poisson's equation points, sources and a boundary. */
  data: Tensors;
  /** Rows that models start from. */
  sample: Tensor;
  batchSize?: number;
  /** Rows that are not trained on. */
  test: { x: Tensor; y: Tensor };
  view: View;
  /** The points at which the view is drawn, where they are more than its axes say: a date is its trend and its seasons. */
  grid?: Tensor;
  /** What the user should know of the data, a sentence each. */
  notes?: readonly string[];
};

/** Nodes along each side of a field. */
export const SIDE = 64;
/** Nodes along a curve. */
export const NODES = 240;

/** The i-th of n nodes from low to high. */
export const node = (i: number, n: number, { low, high }: Axis): number => low + ((high - low) * i) / (n - 1);

/** The axis of a task that is made here: [−1, 1], as it is. */
export const plainAxis = (name: string): Axis => ({ name, low: -1, high: 1, mean: 0, std: 1, scale: "plain" });

export const plainAxes = (): [Axis, Axis] => [plainAxis("x"), plainAxis("y")];

/** The points at which a view is drawn (n, d); none for views without a grid. */
export function gridOf(view: View): Tensor | undefined {
  if (view.kind === "line") {
    const data = Float32Array.from({ length: NODES }, (_, i) => node(i, NODES, view.axis));
    return { data, shape: [NODES, 1] };
  }
  if (view.kind !== "plane") return undefined;
  return planeGrid(view.axes, SIDE);
}

/** Models take what the axes of the view show and nothing else: what lies within them can be drawn there, too. */
export const isDrawnWhole = ({ view, inFeatures }: Problem): boolean =>
  (view.kind === "plane" && inFeatures === 2) || (view.kind === "line" && inFeatures === 1);

/** The nodes of a grid (side², 2), rows from low to high. */
export function planeGrid([ax, ay]: readonly [Axis, Axis], side: number): Tensor {
  const data = new Float32Array(2 * side * side);
  for (let i = 0; i < side * side; i++) {
    data[2 * i] = node(i % side, side, ax);
    data[2 * i + 1] = node(Math.floor(i / side), side, ay);
  }
  return { data, shape: [side * side, 2] };
}

/** The least and the greatest of numbers, kept apart. */
export function rangeOf(values: ArrayLike<number>): Range {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < values.length; i++) {
    low = Math.min(low, values[i]);
    high = Math.max(high, values[i]);
  }
  if (!(low <= high)) return [-1, 1];
  return low < high ? [low, high] : [low - 0.5, high + 0.5];
}

/** Rows with a value each, as views hold their points: (x, value) or (x, y, value). */
export function pointsOf({ data, shape: [rows, d] }: Tensor, valueAt: (row: number) => number): Float32Array {
  const points = new Float32Array(rows * (d + 1));
  for (let row = 0; row < rows; row++) {
    points.set(data.subarray(row * d, (row + 1) * d), row * (d + 1));
    points[row * (d + 1) + d] = valueAt(row);
  }
  return points;
}

/** A column of numbers as a tensor (n, 1). */
export const column = (values: ArrayLike<number>): Tensor => ({
  data: Float32Array.from(values),
  shape: [values.length, 1],
});
