// Rolling origins: every fold is trained on what lies before its first forecast, never on what comes later.

import { linearForecasts, MEAN, pooledMoments, type Setting } from "./candidates.ts";
import { actual, applyMap, type LinearMap, meanSquare, spread } from "./linear-map.ts";

/** A fold: what may be trained on, `rows` from the start, and the first rows of the forecasts that are compared. */
export type Fold = { rows: number; origins: Uint32Array };

/** Forecasts that are compared, over all folds. */
const ORIGINS = 400;
/** The last fifth of a series is for choosing, of a short one two fifths; no less than two horizons. Our choice. */
const [SHARE, SHORT_SHARE] = [0.2, 0.4];
const SHORT = 600;

/**
 * Splits the end of a series into folds: the origins that are held out, cut into `count` stretches.
 * Short series keep at least half of their windows for training.
 */
export function rollingFolds(rows: number, { lookback, horizon }: Setting, count: number): Fold[] {
  const last = rows - horizon; // the last origin
  const held = Math.max(2 * horizon, Math.round(rows * (rows < SHORT ? SHORT_SHARE : SHARE)));
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

/** One column's forecasts over all folds: by name, and what came; and the maps that made them, fold by fold. */
export type Comparison = {
  truth: Float64Array;
  forecasts: Map<string, Float64Array>;
  maps: Map<string, LinearMap>[];
};

/** What every linear forecast says about the folds' origins, column by column. */
export function compareLinear(
  columns: readonly Float64Array[],
  folds: readonly Fold[],
  setting: Setting,
): Comparison[] {
  const pooled = folds.map(({ rows }) => (columns.length > 1 ? pooledMoments(columns, rows, setting) : undefined));
  return columns.map((values) => {
    const maps = folds.map(({ rows }, f) => linearForecasts(values, rows, setting, { pooled: pooled[f] }));
    const over = (forecast: (fold: Fold, f: number) => Float64Array) => join(folds.map(forecast));
    return {
      truth: over(({ origins }) => actual(values, origins, setting.horizon)),
      forecasts: new Map(
        [...maps[0].keys()].map((name) => [
          name,
          over(({ origins }, f) => applyMap(maps[f].get(name)!, values, origins)),
        ]),
      ),
      maps,
    };
  });
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

/** Forecasts by name, and the share of each in their weighted mean. */
export type Blend = [name: string, share: number][];

/** Shares below this are left out. */
const LEAST_SHARE = 0.01;
/** How strictly shares follow errors: the power for few forecasts that do not overlap, and the largest. */
const [LEAST_POWER, MOST_POWER] = [2, 60];

/**
 * Shares by the inverse of the squared error, to a power that grows with the number of validation windows that do not overlap: few windows tell
 * little, and the mean of many forecasts is safer than the one that did best on them. Forecasts of one kind, such as regressions with different
 * ridges, divide one vote among them. Our choice, by the comparison in docs/forecasting.md.
 */
export function blendForecasts({ truth, forecasts }: Omit<Comparison, "maps">, independent: number): Blend {
  const power = Math.min(MOST_POWER, Math.max(LEAST_POWER, independent / 2));
  const errors = [...forecasts]
    .filter(([name]) => name !== MEAN)
    .map(([name, forecast]) => ({ name, error: meanSquare(forecast, truth) }));
  const lowest = Math.min(...errors.map(({ error }) => error));
  const kinds = Map.groupBy(errors, ({ name }) => kindOf(name));
  const votes = errors.map(({ name, error }): [string, number] => [
    name,
    // A constant series is forecast without error by most.
    (error > 0 ? lowest / error : 1) ** power / kinds.get(kindOf(name))!.length,
  ]);
  const kept = normalized(votes).filter(([, share]) => share >= LEAST_SHARE);
  return normalized(kept);
}

const kindOf = (name: string): string => name.replace(/ [\d.e-]+$/, "");

function normalized(votes: Blend): Blend {
  const total = votes.reduce((sum, [, vote]) => sum + vote, 0);
  return votes.map(([name, vote]) => [name, vote / total]);
}
