// Forecasts that are linear in the past: naive ones, exponential smoothing and regressions alike are one matrix, so they can be compared,
// averaged and stored as one.

/** From a window of `lookback` values to `horizon` values: y_h = bias_h + Σ_k x_k weights_{k,h}. Weights are (lookback, horizon), row-major. */
export type LinearMap = {
  readonly lookback: number;
  readonly horizon: number;
  readonly weights: Float64Array;
  readonly bias: Float64Array;
};

/** A map whose forecast of step h is the past value with index `source(h)`. */
function copying(lookback: number, horizon: number, source: (h: number) => number): LinearMap {
  const map = zeroMap(lookback, horizon);
  for (let h = 0; h < horizon; h++) map.weights[source(h) * horizon + h] = 1;
  return map;
}

/** The forecast that is 0 everywhere: the mean of a standardised column. */
export const zeroMap = (lookback: number, horizon: number): LinearMap => ({
  lookback,
  horizon,
  weights: new Float64Array(lookback * horizon),
  bias: new Float64Array(horizon),
});

/** The naive forecast: the last value, again and again. */
export const naiveMap = (lookback: number, horizon: number): LinearMap =>
  copying(lookback, horizon, () => lookback - 1);

/** The seasonal naive forecast: the last season, again and again. The season must not be longer than the lookback. */
export const seasonalNaiveMap = (lookback: number, horizon: number, season: number): LinearMap =>
  copying(lookback, horizon, (h) => lookback - season + (h % season));

/** The mean of maps of one shape, weighted by shares that sum to 1: their forecasts' mean. */
export function meanMap(maps: readonly LinearMap[], shares: readonly number[]): LinearMap {
  const [{ lookback, horizon }] = maps;
  const mean = (arrays: Float64Array[]) =>
    arrays[0].map((_, i) => arrays.reduce((sum, a, m) => sum + shares[m] * a[i], 0));
  return { lookback, horizon, weights: mean(maps.map((m) => m.weights)), bias: mean(maps.map((m) => m.bias)) };
}

/**
 * Forecasts of a series from several origins: row i of the result (origins, horizon) begins at row origins[i], made from the `lookback` values
 * before it.
 */
export function applyMap(
  { lookback, horizon, weights, bias }: LinearMap,
  values: Float64Array,
  origins: ArrayLike<number>,
): Float64Array {
  const forecasts = new Float64Array(origins.length * horizon);
  for (let i = 0; i < origins.length; i++) {
    const at = i * horizon;
    for (let h = 0; h < horizon; h++) forecasts[at + h] = bias[h];
    for (let k = 0; k < lookback; k++) {
      const value = values[origins[i] - lookback + k];
      const row = k * horizon;
      for (let h = 0; h < horizon; h++) forecasts[at + h] += value * weights[row + h];
    }
  }
  return forecasts;
}

/** What came, for forecasts of {@link applyMap}: (origins, horizon). */
export function actual(values: Float64Array, origins: ArrayLike<number>, horizon: number): Float64Array {
  const truth = new Float64Array(origins.length * horizon);
  for (let i = 0; i < origins.length; i++) truth.set(values.subarray(origins[i], origins[i] + horizon), i * horizon);
  return truth;
}

/** Mean of squared differences. */
export function meanSquare(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - b[i]) ** 2;
  return sum / a.length;
}

/** The squared error of a map, mean over origins and steps. */
export const errorOf = (map: LinearMap, values: Float64Array, origins: ArrayLike<number>): number =>
  meanSquare(applyMap(map, values, origins), actual(values, origins, map.horizon));

/** At most `limit` whole numbers from `from` up to but not including `to`, evenly spread. */
export function spread(from: number, to: number, limit: number): Uint32Array {
  const length = Math.max(0, to - from);
  const kept = Math.min(length, limit);
  return Uint32Array.from({ length: kept }, (_, i) => to - 1 - Math.floor(((kept - 1 - i) * length) / kept));
}
