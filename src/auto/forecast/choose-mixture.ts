import type { Executor } from "../../compile/executor.ts";
import type { ParamTensors } from "../../params.ts";
import { tensor } from "../../tensor.ts";
import { combine, linearForecasts, pooledMoments, type Setting } from "./candidates.ts";
import { actual, applyMap, type LinearMap, spread } from "./linear-map.ts";
import { corrections, lagsBefore, type MixtureChoice, type Residuals } from "./mixture.ts";
import type { ForecastPlan } from "./plan.ts";
import type { Blend, Fold } from "./rolling.ts";

/** Numbers in the rows that one mixture is trained on: bounds memory and time of long series. */
const NUMBERS = 6e6;
/** The share by which squared errors must fall, and the t-value of that fall, for a mixture to be kept. Our choice. */
const [LEAST_GAIN, LEAST_T] = [0.005, 1.5];

/** The mixtures that are tried: what they look at, and their number of Gaussians. */
export function mixtureChoices({ lookback, seasons: [season] }: ForecastPlan): MixtureChoice[] {
  const short = Math.min(lookback, season && season <= 48 ? Math.max(season, 8) : 16);
  const long = Math.min(lookback, Math.max(2 * short, 32));
  const choices: MixtureChoice[] = [
    { lags: Math.min(4, lookback), relative: false, numComponents: 24 },
    { lags: short, relative: true, numComponents: 8 },
    { lags: short, relative: false, numComponents: 8 },
    { lags: long, relative: true, numComponents: 24 },
    { lags: long, relative: false, numComponents: 24 },
  ];
  const isNew = (choice: MixtureChoice, i: number) => choices.findIndex((other) => isSame(other, choice)) === i;
  // One lag relative to itself says nothing.
  return choices.filter((choice, i) => (choice.lags > 1 || !choice.relative) && isNew(choice, i));
}

const isSame = (a: MixtureChoice, b: MixtureChoice): boolean =>
  a.lags === b.lags && a.relative === b.relative && a.numComponents === b.numComponents;

/** The linear forecast of every column from training rows [0, rows): its blend. */
export function linearMaps(
  columns: readonly Float64Array[],
  rows: number,
  blends: readonly Blend[],
  setting: Setting,
): LinearMap[] {
  const isShared = blends.some((blend) => blend.some(([name]) => name.startsWith("shared")));
  const pooled = isShared && columns.length > 1 ? pooledMoments(columns, rows, setting) : undefined;
  return columns.map((values, c) => {
    const wanted = new Set(blends[c].map(([name]) => name));
    return combine(linearForecasts(values, rows, setting, { pooled, wanted }), blends[c]);
  });
}

/** What linear maps missed at some origins, and the lags before them, column after column. */
export function residualsAt(
  columns: readonly Float64Array[],
  maps: readonly LinearMap[],
  origins: ArrayLike<number>,
  choice: MixtureChoice,
): Residuals {
  const { horizon } = maps[0];
  const missed = new Float32Array(columns.length * origins.length * horizon);
  columns.forEach((values, c) => {
    const forecast = applyMap(maps[c], values, origins);
    const truth = actual(values, origins, horizon);
    const at = c * forecast.length;
    for (let i = 0; i < forecast.length; i++) missed[at + i] = truth[i] - forecast[i];
  });
  return { x: lagsBefore(columns, origins, choice), y: tensor(missed, [columns.length * origins.length, horizon]) };
}

/** Origins of all training windows of `rows` rows, or as many of them as memory allows. */
export const trainingOrigins = ({ lookback, horizon }: Setting, rows: number, columns: number): Uint32Array =>
  spread(lookback, rows - horizon + 1, Math.floor(NUMBERS / (columns * (lookback + horizon))));

/** What a mixture did on the validation origins. */
export type Trial = {
  choice: MixtureChoice;
  /** The factor on its corrections that would have been best, from 0 to 1. */
  factor: number;
  /** The share by which it lowered the squared error, with that factor. */
  gain: number;
  kept: boolean;
  /** Its corrections, in the order of the residuals, fold after fold. */
  corrections: Float32Array[];
};

/** One mixture, trained and tried on every fold. `maps` are the linear maps of each fold. */
export async function tryMixture(
  choice: MixtureChoice,
  columns: readonly Float64Array[],
  folds: readonly Fold[],
  maps: readonly LinearMap[][],
  setting: Setting,
  { train, executor }: { train: (residuals: Residuals, fold: number) => Promise<ParamTensors>; executor?: Executor },
): Promise<Trial> {
  const missed: Float32Array[] = [];
  const corrected: Float32Array[] = [];
  for (const [f, { rows, origins }] of folds.entries()) {
    const residuals = residualsAt(columns, maps[f], trainingOrigins(setting, rows, columns.length), choice);
    const params = await train(residuals, f);
    const held = residualsAt(columns, maps[f], origins, choice);
    missed.push(held.y.data);
    corrected.push((await corrections(choice, params, held.x, setting.horizon, executor)).data);
  }
  return { choice, corrections: corrected, ...judge(missed, corrected, setting.horizon) };
}

/** Whether corrections help: by their best factor, the gain with it, and a t-test over windows that do not overlap. */
function judge(
  missed: Float32Array[],
  corrected: Float32Array[],
  horizon: number,
): { factor: number; gain: number; kept: boolean } {
  let [product, square, before] = [0, 0, 0];
  missed.forEach((part, f) => {
    for (let i = 0; i < part.length; i++) {
      product += part[i] * corrected[f][i];
      square += corrected[f][i] ** 2;
      before += part[i] ** 2;
    }
  });
  const factor = square > 0 ? Math.min(1, Math.max(0, product / square)) : 0;
  const gains: number[] = []; // per window
  missed.forEach((part, f) => {
    for (let from = 0; from < part.length; from += horizon) {
      let gain = 0;
      for (let i = from; i < from + horizon; i++) gain += part[i] ** 2 - (part[i] - factor * corrected[f][i]) ** 2;
      gains.push(gain);
    }
  });
  const total = gains.reduce((sum, gain) => sum + gain, 0);
  const mean = total / gains.length;
  const variance = gains.reduce((sum, gain) => sum + (gain - mean) ** 2, 0) / Math.max(1, gains.length - 1);
  const independent = Math.max(2, gains.length / horizon);
  const t = mean / Math.sqrt(variance / independent);
  const gain = before > 0 ? total / before : 0;
  return { factor, gain, kept: gain > LEAST_GAIN && t > LEAST_T };
}

/** The seed of a training, from the run's and what is trained. */
export const seedOf = (seed: number, ...indices: number[]): number =>
  indices.reduce((mixed, index) => (Math.imul(mixed ^ (index + 1), 0x9e3779b1) >>> 1) ^ (mixed << 3), seed) &
  0x7fffffff;
