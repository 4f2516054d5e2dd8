// The default forecaster: linear forecasts of many kinds, blended into one matrix per target, and a mixture of Gaussians beside them where that
// helps on data it has not seen.
import { decodeModel, encodeModel } from "../../io/model-file.ts";
import type { ParamTensors } from "../../params.ts";
import { asJson, fromJson } from "../store.ts";
import { assemble, type Correction } from "./assemble.ts";
import { combine } from "./candidates.ts";
import {
  linearMaps,
  mixtureChoices,
  residualsAt,
  seedOf,
  type Trial,
  trainingOrigins,
  tryMixture,
} from "./choose-mixture.ts";
import { evaluateTargets, type ForecastEvaluation } from "./errors.ts";
import { applyMap, type LinearMap } from "./linear-map.ts";
import { type MixtureChoice, meanMixture, mixtureLayer, type Residuals, scalesOf, trainMixture } from "./mixture.ts";
import { type Blend, blendForecasts, type Comparison, compareLinear, type Fold, rollingFolds } from "./rolling.ts";
import { columnOf, decodeValue } from "./series.ts";
import type { ForecastFit, Work } from "./work.ts";

/** Above so many rows one fold is long enough to judge mixtures, below two. */
const LONG = 2000;

/** Folds on which mixtures are judged: the last ones, whose training data is nearest to all of it. */
export const judgingFolds = (rows: number, folds: number): number => Math.min(folds, rows > LONG ? 1 : 2);

export async function fitGmnm(work: Work): Promise<ForecastFit> {
  const { encoded, targets, plan, seed, unit, executor, preprocessing } = work;
  const columns = targets.map((target) => encoded[target]);
  const allFolds = rollingFolds(plan.rows, plan, plan.folds);
  const choices = plan.training.steps > 0 ? mixtureChoices(plan) : [];
  const units = 2 + choices.length + plan.training.members;
  let done = 0;
  const say = (doing: string) => work.onProgress?.({ doing, done: done++, of: units });

  say("comparing linear forecasts");
  const independent = (plan.rows - allFolds[0].rows) / plan.horizon;
  let comparisons: Comparison[] | undefined;
  const compare = async () => {
    comparisons = compareLinear(columns, allFolds, plan);
    return asJson(comparisons.map((comparison) => blendForecasts(comparison, independent)));
  };
  const blends: Blend[] = fromJson(await unit("linear.json", compare));
  const judging = judgingFolds(plan.rows, allFolds.length);
  const folds = allFolds.slice(-judging);
  // Where the comparison came from the store, its maps are made again.
  const foldMaps = folds.map(({ rows }, f) =>
    comparisons
      ? comparisons.map(({ maps }, c) => combine(maps[allFolds.length - judging + f], blends[c]))
      : linearMaps(columns, rows, blends, plan),
  );
  const isLate = async (key: string) => fromJson(await unit(`late-${key}.json`, async () => asJson(work.isLate())));

  const train = async (
    choice: MixtureChoice,
    residuals: Residuals,
    key: string,
    unitSeed: number,
  ): Promise<ParamTensors> => {
    const layer = mixtureLayer(choice, plan.horizon);
    const make = async () => {
      const training = { steps: plan.training.steps, seed: unitSeed, scales: scalesOf(residuals), executor };
      return encodeModel({ layer, params: await trainMixture(choice, residuals, training) });
    };
    return decodeModel(await unit(key, make), { source: key }).params;
  };
  const trials: Trial[] = [];
  for (const [i, choice] of choices.entries()) {
    if (await isLate(`mixture-${i}`)) break;
    say(`trying mixture ${i + 1} of ${choices.length}`);
    const trainFold = (residuals: Residuals, fold: number) =>
      train(choice, residuals, `mixture-${i}-${fold}.safetensors`, seedOf(seed, i, fold));
    trials.push(await tryMixture(choice, columns, folds, foldMaps, plan, { train: trainFold, executor }));
  }
  const best = trials.filter(({ kept }) => kept).sort((a, b) => b.gain - a.gain)[0];

  say("fitting the linear forecast");
  const maps = linearMaps(columns, plan.rows, blends, plan);
  let correction: Correction | undefined;
  if (best) {
    const residuals = residualsAt(columns, maps, trainingOrigins(plan, plan.rows, columns.length), best.choice);
    const members: ParamTensors[] = [];
    for (let m = 0; m < plan.training.members; m++) {
      if (m > 0 && (await isLate(`member-${m}`))) break;
      say(`training mixture ${m + 1} of ${plan.training.members}`);
      members.push(await train(best.choice, residuals, `member-${m}.safetensors`, seedOf(seed, choices.length, m)));
    }
    correction = { choice: best.choice, mixture: meanMixture(best.choice, members, best.factor, plan.horizon) };
  }
  work.onProgress?.({ doing: "done", done: units, of: units });
  return {
    model: assemble(maps, targets, correction),
    preprocessing,
    plan,
    validation: {
      ...evaluateFolds(work, columns, folds, foldMaps, best),
      chosen: targets.map((target, c) => ({ target: preprocessing.columns[target].name, forecasts: blends[c] })),
      ...(best && { mixture: best.choice }),
    },
  };
}

/** Errors of the folds' forecasts, with the mixture's corrections where it is kept, in the targets' own units. */
function evaluateFolds(
  { series, targets, plan, preprocessing }: Work,
  columns: readonly Float64Array[],
  folds: readonly Fold[],
  foldMaps: readonly LinearMap[][],
  best: Trial | undefined,
): ForecastEvaluation {
  const origins = Uint32Array.from(folds.flatMap((fold) => Array.from(fold.origins)));
  const forecasts = targets.map((target, c) => {
    const column = preprocessing.columns[target];
    const own = folds.flatMap((fold, f) => {
      const linear = applyMap(foldMaps[f][c], columns[c], fold.origins);
      // Corrections lie column after column.
      const added = best?.corrections[f].subarray(c * linear.length, (c + 1) * linear.length);
      return Array.from(linear, (value, i) =>
        decodeValue(column, value + (best && added ? best.factor * added[i] : 0)),
      );
    });
    return {
      name: column.name,
      values: columnOf(series, target),
      forecasts: Float64Array.from(own),
      before: origins[0],
    };
  });
  return evaluateTargets(forecasts, origins, { horizon: plan.horizon, season: plan.seasons[0] });
}
