// Exponential smoothing with a damped trend and a season, in error correction form: R. J. Hyndman, A. B. Koehler, J. K. Ord, R. D. Snyder,
// "Forecasting with Exponential Smoothing", 2008, ETS(A, Ad, A). As a matrix from the past to the future; how it starts is our choice.
import { actual, applyMap, type LinearMap, meanSquare } from "./linear-map.ts";

/** Parameters of exponential smoothing. */
export type Smoothing = {
  /** How much of a surprise goes into the level: 0 keeps the mean of the lookback, 1 the last value. */
  alpha: number;
  /** How much of it goes into the slope; undefined for no trend at all. */
  beta?: number;
  /** The slope's factor per step. */
  damping: number;
  /** Steps of a season, 0 for none. */
  season: number;
  /** How much of it goes into the season. */
  gamma: number;
  /** Neighbours on either side over which the season is averaged at the start: for long seasons with noise. */
  blur: number;
};

/** A number that depends linearly on the past: its coefficients. */
type Functional = Float64Array;

const addTo = (sum: Functional, other: Functional, factor: number) => {
  for (let i = 0; i < sum.length; i++) sum[i] += factor * other[i];
};

/** The mean of `count` consecutive values from `from`. */
function meanOver(lookback: number, from: number, count: number): Functional {
  return new Float64Array(lookback).fill(1 / count, from, from + count);
}

/**
 * The season at the start, by phase (phase of time t is t mod season): how the values at a phase lie above the mean of their own season,
 * less the slope within it, averaged over the whole seasons there are, then over neighbouring phases.
 */
function startingSeason(lookback: number, season: number, blur: number, trend: boolean): Functional[] {
  const cycles = Math.floor(lookback / season);
  const first = lookback - cycles * season;
  const phases = Array.from({ length: season }, () => new Float64Array(lookback));
  const slope = new Float64Array(lookback);
  if (trend && cycles > 1) {
    addTo(slope, meanOver(lookback, lookback - season, season), 1 / ((cycles - 1) * season));
    addTo(slope, meanOver(lookback, first, season), -1 / ((cycles - 1) * season));
  }
  for (let j = 0; j < season; j++) {
    const phase = phases[(first + j) % season];
    for (let c = 0; c < cycles; c++) phase[first + c * season + j] += 1 / cycles;
    for (let k = first; k < lookback; k++) phase[k] -= 1 / (cycles * season);
    addTo(phase, slope, -(j - (season - 1) / 2));
  }
  if (blur === 0) return phases;
  // A window that moves along the phases: one comes in, one goes out.
  const phaseAt = (j: number) => phases[(j + season * (blur + 1)) % season];
  const share = 1 / (2 * blur + 1);
  const window = new Float64Array(lookback);
  for (let w = -blur; w <= blur; w++) addTo(window, phaseAt(w), share);
  return phases.map((_, j) => {
    const blurred = window.slice();
    addTo(window, phaseAt(j + blur + 1), share);
    addTo(window, phaseAt(j - blur), -share);
    return blurred;
  });
}

/** Level and slope one step before the lookback, by least squares over what remains without the season. */
function startingLevel(
  lookback: number,
  remainders: Functional[],
  trend: boolean,
): { level: Functional; slope: Functional } {
  const level = new Float64Array(lookback);
  const slope = new Float64Array(lookback);
  const middle = (lookback - 1) / 2;
  const squares = (lookback * (lookback * lookback - 1)) / 12;
  for (let t = 0; t < lookback; t++) {
    addTo(level, remainders[t], 1 / lookback);
    if (trend && squares > 0) addTo(slope, remainders[t], (t - middle) / squares);
  }
  addTo(level, slope, -(middle + 1));
  return { level, slope };
}

/** Exponential smoothing over the lookback, from a start taken from it, as the linear map it is. */
export function smoothingMap(lookback: number, horizon: number, options: Smoothing): LinearMap {
  const { alpha, beta, damping, season, gamma, blur } = options;
  const trend = beta !== undefined;
  const seasons = season > 0 ? startingSeason(lookback, season, blur, trend) : [];
  const unit = (t: number) => {
    const value = new Float64Array(lookback);
    value[t] = 1;
    if (season > 0) addTo(value, seasons[t % season], -1);
    return value;
  };
  const remainders = Array.from({ length: lookback }, (_, t) => unit(t));
  const { level, slope } = startingLevel(lookback, remainders, trend);
  for (let t = 0; t < lookback; t++) {
    // The season changes while the past is read; only then must what remains be computed anew.
    const surprise = gamma > 0 ? unit(t) : remainders[t];
    if (trend) for (let i = 0; i < lookback; i++) slope[i] *= damping;
    if (trend) addTo(level, slope, 1);
    addTo(surprise, level, -1);
    addTo(level, surprise, alpha);
    if (trend) addTo(slope, surprise, alpha * beta);
    if (season > 0 && gamma > 0) addTo(seasons[t % season], surprise, gamma * (1 - alpha));
  }
  const weights = new Float64Array(lookback * horizon);
  let reach = 0;
  for (let h = 0; h < horizon; h++) {
    reach += damping ** (h + 1);
    const seasonal = season > 0 ? seasons[(lookback + h) % season] : undefined;
    for (let k = 0; k < lookback; k++)
      weights[k * horizon + h] = level[k] + (trend ? reach * slope[k] : 0) + (seasonal ? seasonal[k] : 0);
  }
  return { lookback, horizon, weights, bias: new Float64Array(horizon) };
}

const ALPHAS = [0, 0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 0.85, 1];
const TRENDS = [
  { beta: undefined, damping: 1 },
  { beta: 0, damping: 1 },
  { beta: 0.03, damping: 1 },
  { beta: 0.03, damping: 0.97 },
  { beta: 0.1, damping: 0.95 },
  { beta: 0.1, damping: 0.8 },
  { beta: 0.3, damping: 0.9 },
];
const GAMMAS = [0, 0.05, 0.15, 0.3, 0.6, 1];

/**
 * The exponential smoothing that forecasts best from the given origins, by searching along one parameter after the other, twice.
 * Few numbers are chosen, so the origins may be those of the training data.
 */
export function bestSmoothing(
  values: Float64Array,
  origins: ArrayLike<number>,
  { lookback, horizon, season }: { lookback: number; horizon: number; season: number },
): Smoothing {
  const truth = actual(values, origins, horizon);
  let best: Smoothing = { alpha: 0.35, beta: undefined, damping: 1, season, gamma: season > 0 ? 0.15 : 0, blur: 0 };
  const errorOfMap = (s: Smoothing) => meanSquare(applyMap(smoothingMap(lookback, horizon, s), values, origins), truth);
  let lowest = errorOfMap(best);
  const blurs =
    season >= 24 ? [0, 24, 12, 6].map((part) => (part === 0 ? 0 : Math.max(1, Math.round(season / part / 2)))) : [0];
  const along = (changes: Partial<Smoothing>[]) => {
    for (const change of changes) {
      const tried = { ...best, ...change };
      const error = errorOfMap(tried);
      if (error < lowest) [best, lowest] = [tried, error];
    }
  };
  for (let round = 0; round < 2; round++) {
    along(ALPHAS.map((alpha) => ({ alpha })));
    if (season > 0) along(GAMMAS.map((gamma) => ({ gamma })));
    if (blurs.length > 1) along(blurs.map((blur) => ({ blur })));
    along(TRENDS);
  }
  return best;
}
