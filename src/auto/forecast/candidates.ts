import { errorOf, type LinearMap, meanMap, naiveMap, seasonalNaiveMap, spread, zeroMap } from "./linear-map.ts";
import type { ForecastPlan } from "./plan.ts";
import { addMoments, iterate, type Moments, ridgeMaps, windowMoments } from "./regression.ts";
import type { Blend } from "./rolling.ts";
import { bestSmoothing, smoothingMap } from "./smoothing.ts";

/** What the linear forecasts of a series are made for. */
export type Setting = Pick<ForecastPlan, "lookback" | "horizon" | "seasons" | "ridges" | "iterated">;

/** Windows by which exponential smoothing is chosen. */
const SMOOTHING_WINDOWS = 200;

/** The forecast that is always the mean of the training data: for comparison only, as series drift. */
export const MEAN = "mean";

/**
 * Every linear forecast we know, by name, fitted to the first `end` values of one column.
 *
 * @param pooled moments of all columns together, where there are several: then there are also regressions shared by them.
 * @param wanted only these are fitted; default all.
 */
export function linearForecasts(
  values: Float64Array,
  end: number,
  { lookback, horizon, seasons, ridges, iterated }: Setting,
  { pooled, wanted }: { pooled?: Moments; wanted?: ReadonlySet<string> } = {},
): Map<string, LinearMap> {
  const origins = spread(lookback, end - horizon + 1, SMOOTHING_WINDOWS);
  const maps = new Map<string, LinearMap>([["naive", naiveMap(lookback, horizon)]]);
  const repeating = seasons.filter((season) => season <= lookback);
  for (const season of repeating) maps.set(`seasonal naive ${season}`, seasonalNaiveMap(lookback, horizon, season));
  for (const season of [0, ...repeating]) {
    const smoothing = bestSmoothing(values, origins, { lookback, horizon, season });
    maps.set(season > 0 ? `smoothing, season ${season}` : "smoothing", smoothingMap(lookback, horizon, smoothing));
  }
  const errors = [...maps.values()].map((map) => errorOf(map, values, origins));
  const base = [...maps.values()][errors.indexOf(Math.min(...errors))];
  maps.set(MEAN, zeroMap(lookback, horizon));
  const want = (kind: string) => !wanted || [...wanted].some((name) => name.startsWith(`${kind} `));
  const add = (kind: string, make: () => LinearMap[]) => {
    if (!want(kind)) return;
    make().forEach((map, i) => {
      maps.set(`${kind} ${ridges[i]}`, map);
    });
  };
  const moments = windowMoments(values, end, lookback + horizon);
  const zero = zeroMap(lookback, horizon);
  add("regression", () => ridgeMaps(moments, base, { relative: true, ridges }));
  add("regression to the mean", () => ridgeMaps(moments, zero, { relative: false, ridges }));
  if (pooled) add("shared regression", () => ridgeMaps(pooled, base, { relative: true, ridges }));
  if (iterated) {
    add("iterated regression", () => {
      const next = windowMoments(values, end, lookback + 1);
      return ridgeMaps(next, firstStep(base), { relative: true, ridges }).map((map) => iterate(map, horizon));
    });
  }
  return maps;
}

/** Moments of all columns together. */
export const pooledMoments = (columns: readonly Float64Array[], end: number, { lookback, horizon }: Setting): Moments =>
  addMoments(columns.map((values) => windowMoments(values, end, lookback + horizon)));

/** A map's forecast of the first step only. */
function firstStep({ lookback, horizon, weights, bias }: LinearMap): LinearMap {
  return { lookback, horizon: 1, weights: weights.filter((_, i) => i % horizon === 0), bias: bias.slice(0, 1) };
}

/** The weighted mean of forecasts. */
export const combine = (maps: ReadonlyMap<string, LinearMap>, blend: Blend): LinearMap =>
  meanMap(
    blend.map(([name]) => maps.get(name)!),
    blend.map(([, share]) => share),
  );
