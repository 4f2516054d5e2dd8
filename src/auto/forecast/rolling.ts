// Rolling origins: every fold is trained on what lies before its first forecast, never on what comes later.

import { linearForecasts, pooledMoments, type Setting } from "./candidates.ts";
import { actual, applyMap, meanSquare, spread } from "./linear-map.ts";

/** A fold: what may be trained on, `rows` from the start, and the first rows of the forecasts that are compared. */
export type Fold = { rows: number; origins: Uint32Array };

/** Forecasts that are compared, over all folds. */
const ORIGINS = 400;
/** The last fifth of a series is for choosing; no less than two horizons. Our choice. */
const SHARE = 0.2;

/**
 * Splits the end of a series into folds: the origins of the last fifth, cut into `count` stretches.
 * Short series keep at least half of their windows for training.
 */
export function rollingFolds(rows: number, { lookback, horizon }: Setting, count: number): Fold[] {
  const last = rows - horizon; // the last origin
  const held = Math.max(2 * horizon, Math.round(rows * SHARE));
  const windows = rows - lookback - horizon + 1;
  const first = Math.max(rows - held, lookback + horizon + Math.floor(windows / 2) - 1, lookback + horizon);
  const from = Math.min(first, last);
  const folds: Fold[] = [];
  for (let i = 0; i < count; i++) {
    const [a, b] = [i, i + 1].map((k) => from + Math.round((k * (last - from + 1)) / count));
    if (b > a) folds.push({ rows: a, origins: spread(a, b, Math.ceil(ORIGINS / count)) });
  }
  return folds;
}

/** One column's forecasts over all folds: by name, and what came. */
export type Comparison = { truth: Float64Array; forecasts: Map<string, Float64Array> };

/** What every linear forecast says about the folds' origins, column by column. */
export function compareLinear(
  columns: readonly Float64Array[],
  folds: readonly Fold[],
  setting: Setting,
): Comparison[] {
  const comparisons = columns.map(() => ({
    truth: [] as Float64Array[],
    forecasts: new Map<string, Float64Array[]>(),
  }));
  for (const { rows, origins } of folds) {
    const pooled = columns.length > 1 ? pooledMoments(columns, rows, setting) : undefined;
    columns.forEach((values, c) => {
      const { truth, forecasts } = comparisons[c];
      truth.push(actual(values, origins, setting.horizon));
      for (const [name, map] of linearForecasts(values, rows, setting, { pooled })) {
        if (!forecasts.has(name)) forecasts.set(name, []);
        forecasts.get(name)!.push(applyMap(map, values, origins));
      }
    });
  }
  return comparisons.map(({ truth, forecasts }) => ({
    truth: join(truth),
    forecasts: new Map([...forecasts].map(([name, parts]) => [name, join(parts)])),
  }));
}

function join(parts: readonly Float64Array[]): Float64Array {
  const joined = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** How many forecasts are averaged at most. */
const PICKS = 6;
/** Another forecast must lower the error by this share. */
const GAIN = 0.005;

/**
 * Names of forecasts whose mean has the lowest error, found greedily, a name as often as it helps: R. Caruana, A. Niculescu-Mizil, G. Crew,
 * A. Ksikes, "Ensemble selection from libraries of models", 2004.
 */
export function selectForecasts({ truth, forecasts }: Comparison): {
  names: string[];
  error: number;
  mean: Float64Array;
} {
  let names: string[] = [];
  let error = Number.POSITIVE_INFINITY;
  let total = new Float64Array(truth.length);
  while (names.length < PICKS) {
    let next: { name: string; error: number; total: Float64Array } | undefined;
    for (const [name, forecast] of forecasts) {
      const sum = total.map((value, i) => value + forecast[i]);
      const tried = meanSquare(
        sum.map((value) => value / (names.length + 1)),
        truth,
      );
      if (tried < (next?.error ?? Number.POSITIVE_INFINITY)) next = { name, error: tried, total: sum };
    }
    if (!next || !(next.error < error * (1 - GAIN))) break;
    names = [...names, next.name];
    error = next.error;
    total = next.total as Float64Array<ArrayBuffer>;
  }
  return { names, error, mean: total.map((value) => value / names.length) };
}
