// Ridge regression of the future on the past, around a simpler forecast: with a ridge that is large the result is that forecast.
import { choleskySolve, hasDigits } from "../../least-squares.ts";
import type { LinearMap } from "./linear-map.ts";

/** Sums of products over all windows of `size` values that end before `end`: (size + 1, size + 1), the last row and column for a constant 1. */
export type Moments = { size: number; windows: number; sums: Float64Array };

/**
 * Moments of a series. Neighbouring windows share all but two values, so every entry follows from the one above it: rows · size operations
 * in place of rows · size².
 */
export function windowMoments(values: Float64Array, end: number, size: number): Moments {
  const windows = end - size + 1;
  const width = size + 1;
  const sums = new Float64Array(width * width);
  const put = (i: number, j: number, sum: number) => {
    sums[i * width + j] = sum;
    sums[j * width + i] = sum;
  };
  for (let j = 0; j < size; j++) {
    let sum = 0;
    for (let t = 0; t < windows; t++) sum += values[t] * values[t + j];
    put(0, j, sum);
    for (let i = 1; i + j < size; i++) {
      sum += values[windows - 1 + i] * values[windows - 1 + i + j] - values[i - 1] * values[i - 1 + j];
      put(i, i + j, sum);
    }
  }
  let sum = 0;
  for (let t = 0; t < windows; t++) sum += values[t];
  put(0, size, sum);
  for (let i = 1; i < size; i++) {
    sum += values[windows - 1 + i] - values[i - 1];
    put(i, size, sum);
  }
  put(size, size, windows);
  return { size, windows, sums };
}

/** Moments of several series together: what a map shared by them is fitted to. */
export function addMoments(all: readonly Moments[]): Moments {
  const [{ size }] = all;
  const sums = new Float64Array(all[0].sums.length);
  for (const moments of all) for (let i = 0; i < sums.length; i++) sums[i] += moments.sums[i];
  return { size, windows: all.reduce((sum, { windows }) => sum + windows, 0), sums };
}

/**
 * Ridge regressions of y − base(x) on x and a constant, one for each ridge, added to the base.
 *
 * @param relative regress on x relative to its last value: the result then follows any level as far as the base does. Else on x itself,
 * which draws the forecast towards the mean of the training data.
 * @param ridges relative to the mean square of the features.
 */
export function ridgeMaps(
  { size, windows, sums }: Moments,
  base: LinearMap,
  { relative, ridges }: { relative: boolean; ridges: readonly number[] },
): LinearMap[] {
  const { lookback, horizon } = base;
  const width = size + 1;
  const features = relative ? lookback - 1 : lookback;
  const last = lookback - 1;
  const moment = (i: number, j: number) => sums[i * width + j];
  /** Sum over windows of feature i times value j, of which the last is the constant. */
  const product = (i: number, j: number) => moment(i, j) - (relative ? moment(last, j) : 0);
  const n = features + 1;
  const gram = new Float64Array(n * n);
  let trace = 0;
  for (let i = 0; i < features; i++) {
    for (let j = 0; j <= i; j++) gram[i * n + j] = product(i, j) - (relative ? product(i, last) : 0);
    trace += gram[i * n + i];
  }
  const meanSquare = hasDigits(trace) ? trace / Math.max(1, features) : windows;
  // The constant as large as the other features, so that the ridge weighs it as it weighs them.
  const constant = Math.sqrt(meanSquare / windows);
  for (let j = 0; j < features; j++) gram[features * n + j] = constant * product(j, size);
  gram[features * n + features] = constant * constant * windows;
  const right = new Float64Array(n * horizon);
  /** Row i of the right-hand side from the sums of feature i with every value. */
  const fill = (i: number, factor: number, sumWith: (j: number) => number) => {
    const row = i * horizon;
    for (let h = 0; h < horizon; h++) right[row + h] = factor * (sumWith(lookback + h) - base.bias[h] * sumWith(size));
    for (let k = 0; k < lookback; k++) {
      const value = factor * sumWith(k);
      for (let h = 0; h < horizon; h++) right[row + h] -= value * base.weights[k * horizon + h];
    }
  };
  for (let i = 0; i < features; i++) fill(i, 1, (j) => product(i, j));
  fill(features, constant, (j) => moment(size, j));
  return ridges.map((ridge) => {
    const [g, solution] = [gram.slice(), right.slice()];
    for (let i = 0; i < n; i++) g[i * n + i] += ridge * meanSquare + 1e-12 * meanSquare;
    choleskySolve(g, solution, n, horizon);
    const weights = base.weights.slice();
    for (let k = 0; k < features; k++) {
      for (let h = 0; h < horizon; h++) {
        weights[k * horizon + h] += solution[k * horizon + h];
        if (relative) weights[last * horizon + h] -= solution[k * horizon + h];
      }
    }
    const bias = base.bias.map((b, h) => b + constant * solution[features * horizon + h]);
    return { lookback, horizon, weights, bias };
  });
}

/** A map one step ahead, applied again and again to its own forecasts, as the linear map that it is. */
export function iterate(step: LinearMap, horizon: number): LinearMap {
  const { lookback } = step;
  const width = lookback + 1; // coefficients of the past, then a constant
  const rows: Float64Array[] = Array.from({ length: lookback }, (_, k) => {
    const unit = new Float64Array(width);
    unit[k] = 1;
    return unit;
  });
  const weights = new Float64Array(lookback * horizon);
  const bias = new Float64Array(horizon);
  for (let h = 0; h < horizon; h++) {
    const next = new Float64Array(width);
    next[lookback] = step.bias[0];
    for (let k = 0; k < lookback; k++) {
      const factor = step.weights[k];
      if (factor !== 0) for (let i = 0; i < width; i++) next[i] += factor * rows[h + k][i];
    }
    rows.push(next);
    for (let k = 0; k < lookback; k++) weights[k * horizon + h] = next[k];
    bias[h] = next[lookback];
  }
  return { lookback, horizon, weights, bias };
}
