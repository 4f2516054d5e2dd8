// A good forecaster without options: linear forecasts of many kinds compared by rolling origins, their best mean as one matrix, and a mixture of
// Gaussians beside it where that helps. Our choice; docs/forecasting.md says how it was found.
import type { Executor } from "../compile/executor.ts";
import { GmnmError } from "../errors.ts";
import { decodeModel, encodeModel } from "../io/model-file.ts";
import type { Model } from "../model.ts";
import type { SeriesPreprocessing } from "../table/preprocessing.ts";
import { assemble, type Correction } from "./forecast/assemble.ts";
import {
  linearMaps,
  mixtureChoices,
  residualsAt,
  seedOf,
  trainer,
  trainingOrigins,
  tryMixture,
} from "./forecast/choose-mixture.ts";
import { evaluateTargets, type ForecastEvaluation } from "./forecast/errors.ts";
import { type MixtureChoice, mergeMixtures, mixtureLayer, type Residuals } from "./forecast/mixture.ts";
import { type ForecasterName, type ForecastPlan, forecasterNames, makePlan } from "./forecast/plan.ts";
import { stepsThatFit } from "./forecast/probe.ts";
import { fitRival } from "./forecast/rivals.ts";
import { compareLinear, rollingFolds, selectForecasts } from "./forecast/rolling.ts";
import {
  checkSeries,
  columnOf,
  decodeValue,
  encodeColumns,
  fitColumn,
  nameOf,
  type Series,
} from "./forecast/series.ts";
import { memoryStore, type Store } from "./store.ts";

/** Options of {@link fitForecast}. */
export type FitForecastOptions = {
  /** The columns that are forecast, by name. */
  targets: readonly string[];
  /** Steps ahead. Default one season, or what is usual for the spacing of the dates; at most a tenth of the series. */
  horizon?: number;
  /** Steps that are looked at. Default two or three seasons, as far as the series is long enough. */
  lookback?: number;
  /** Seconds. Default 50. */
  timeBudget?: number;
  /** Default 0. */
  seed?: number;
  /** Where finished work is kept; the same call with the same store goes on. Default memory. */
  store?: Store;
  onProgress?: (progress: ForecastProgress) => void;
  /** What to do, from an earlier fit; default made from the data, the options and the time a step takes. */
  plan?: ForecastPlan;
  executor?: Executor;
  /** Default "gmnm". */
  model?: ForecasterName;
};

/** What is being done, and the share of the units of work that are done. */
export type ForecastProgress = { doing: string; done: number; of: number };

/** What {@link fitForecast} returns. */
export type ForecastFit = {
  /** (rows, lookback, columns) → (rows, horizon, targets), on the scale of `preprocessing`. */
  model: Model;
  preprocessing: SeriesPreprocessing;
  plan: ForecastPlan;
  /** Errors of forecasts of the series' end by models that had not seen it, but were chosen by it: a little too good. */
  validation: ForecastEvaluation & { chosen: { target: string; forecasts: string[] }[]; mixture?: MixtureChoice };
};

const text = new TextEncoder();
const asJson = (value: unknown) => text.encode(JSON.stringify(value));
const fromJson = (bytes: Uint8Array) => JSON.parse(new TextDecoder().decode(bytes));

/**
 * Fits a forecaster to a series. The same plan, data and seed give the same model, also where a run was cut off and goes on with its store.
 *
 * @example
 * ```ts
 * const { model, preprocessing } = await fitForecast(readSeries("passengers.csv"), { targets: ["Passengers"] });
 * ```
 * @throws GmnmError for a target that is not there, a series that is too short, values that are not finite, or dates that are irregular.
 */
export async function fitForecast(series: Series, options: FitForecastOptions): Promise<ForecastFit> {
  const { seed = 0, timeBudget = 50, store = memoryStore(), onProgress, executor } = options;
  checkSeries(series);
  const targets = targetsOf(series, options.targets);
  const unit = async (key: string, make: () => Promise<Uint8Array>): Promise<Uint8Array> => {
    const stored = await store.get(key);
    if (stored) return stored;
    const bytes = await make();
    await store.put(key, bytes);
    return bytes;
  };
  const { horizon, lookback, model: name } = options;
  if (name && !forecasterNames.includes(name))
    throw new GmnmError(`model must be one of ${forecasterNames.join(", ")}, got "${name}"`);
  const plan: ForecastPlan =
    options.plan ??
    fromJson(
      await unit("plan", async () => {
        const drafted = makePlan(series, { targets, horizon, lookback, model: name, timeBudget });
        return asJson(
          await stepsThatFit(drafted, {
            targets: targets.length,
            columns: series.columns.length,
            timeBudget,
            executor,
          }),
        );
      }),
    );
  const preprocessing = preprocessingOf(series, targets, plan);
  const encoded = encodeColumns(series, preprocessing);
  const work = { series, encoded, targets, plan, preprocessing, seed, unit, executor, onProgress };
  return plan.model === "gmnm" ? fitLinearAndMixture(work) : fitRival(work);
}

/** What the parts of a fit share. */
export type Work = {
  series: Series;
  /** All columns on the model's scale. */
  encoded: Float64Array[];
  targets: readonly number[];
  plan: ForecastPlan;
  preprocessing: SeriesPreprocessing;
  seed: number;
  /** Computes bytes, or takes them from the store. */
  unit: (key: string, make: () => Promise<Uint8Array>) => Promise<Uint8Array>;
  executor?: Executor;
  onProgress?: (progress: ForecastProgress) => void;
};

async function fitLinearAndMixture(work: Work): Promise<ForecastFit> {
  const { encoded, targets, plan, preprocessing, seed, unit, executor, series } = work;
  const columns = targets.map((target) => encoded[target]);
  const folds = rollingFolds(plan.rows, plan, plan.folds);
  const choices = plan.training.steps > 0 ? mixtureChoices(plan) : [];
  const units = 2 + choices.length + (choices.length > 0 ? plan.training.members : 0);
  let done = 0;
  const say = (doing: string) => work.onProgress?.({ doing, done: done++, of: units });

  say("comparing linear forecasts");
  const names: string[][] = fromJson(
    await unit("linear", async () =>
      asJson(compareLinear(columns, folds, plan).map((comparison) => selectForecasts(comparison).names)),
    ),
  );
  const foldMaps = folds.map(({ rows }) => linearMaps(columns, rows, names, plan));
  // One fold is enough to judge a mixture where it is long.
  const judged = plan.rows > 2000 ? folds.length - 1 : 0;
  const trainOn = (choice: MixtureChoice, key: string, unitSeed: number) => async (residuals: Residuals) => {
    const bytes = await unit(key, async () =>
      encodeModel({
        layer: mixtureLayer(choice, plan.horizon),
        params: await trainer(plan, choice, executor)(residuals, unitSeed),
      }),
    );
    return decodeModel(bytes, { source: key }).params;
  };
  const trials = [];
  for (const [i, choice] of choices.entries()) {
    say(`trying mixture ${i + 1} of ${choices.length}`);
    const train = (residuals: Residuals, fold: number) =>
      trainOn(choice, `mixture/${i}-${fold}`, seedOf(seed, i, fold))(residuals);
    trials.push(
      await tryMixture(choice, columns, folds.slice(judged), foldMaps.slice(judged), plan, { train, executor }),
    );
  }
  const best = trials.filter(({ kept }) => kept).sort((a, b) => b.gain - a.gain)[0];

  say("fitting the linear forecast");
  const maps = linearMaps(columns, plan.rows, names, plan);
  let correction: Correction | undefined;
  if (best) {
    const residuals = residualsAt(columns, maps, trainingOrigins(plan, plan.rows, columns.length), best.choice);
    const members = [];
    for (let m = 0; m < plan.training.members; m++) {
      say(`training mixture ${m + 1} of ${plan.training.members}`);
      members.push(await trainOn(best.choice, `member/${m}`, seedOf(seed, 1000, m))(residuals));
    }
    correction = { choice: best.choice, params: mergeMixtures(members, best.factor), members: members.length };
  }
  work.onProgress?.({ doing: "done", done: units, of: units });

  const used = best ? folds.slice(judged) : folds;
  const usedMaps = best ? foldMaps.slice(judged) : foldMaps;
  const origins = Uint32Array.from(used.flatMap((fold) => Array.from(fold.origins)));
  const evaluation = evaluateTargets(
    targets.map((target, c) => {
      const column = preprocessing.columns[target];
      const forecasts = used.flatMap((fold, f) => {
        const { x, y } = residualsAt(
          columns,
          usedMaps[f],
          fold.origins,
          best?.choice ?? { lags: 1, relative: false, numComponents: 1 },
        );
        const [size, at] = [fold.origins.length * plan.horizon, c * fold.origins.length * plan.horizon];
        return Array.from({ length: size }, (_, i) => {
          const origin = fold.origins[Math.floor(i / plan.horizon)];
          const truth = columns[c][origin + (i % plan.horizon)];
          const added = best ? best.factor * best.corrections[f][at + i] : 0;
          void x;
          return decodeValue(column, truth - y.data[at + i] + added);
        });
      });
      return {
        name: column.name,
        values: columnOf(series, target),
        forecasts: Float64Array.from(forecasts),
        before: origins[0],
      };
    }),
    origins,
    { horizon: plan.horizon, season: plan.seasons[0] },
  );
  return {
    model: assemble(maps, targets, correction),
    preprocessing,
    plan,
    validation: {
      ...evaluation,
      chosen: targets.map((target, c) => ({ target: preprocessing.columns[target].name, forecasts: names[c] })),
      ...(best && { mixture: best.choice }),
    },
  };
}

/** Places of the targets among the columns. */
function targetsOf(series: Series, names: readonly string[]): number[] {
  if (names.length === 0)
    throw new GmnmError(`name at least one target; ${nameOf(series)} has ${series.columns.join(", ")}`);
  return names.map((name, i) => {
    const index = series.columns.indexOf(name);
    if (index < 0)
      throw new GmnmError(`${nameOf(series)} has no column "${name}" to forecast; it has ${series.columns.join(", ")}`);
    if (names.indexOf(name) !== i) throw new GmnmError(`the target "${name}" is named twice`);
    return index;
  });
}

function preprocessingOf(
  series: Series,
  targets: readonly number[],
  { lookback, horizon, seasons }: ForecastPlan,
): SeriesPreprocessing {
  return {
    format: "gmnm series preprocessing",
    version: 1,
    lookback,
    horizon,
    ...(seasons.length > 0 && { season: seasons[0] }),
    columns: series.columns.map((name, index) => fitColumn(name, columnOf(series, index), seasons[0] ?? 1)),
    targets: [...targets],
  };
}
