// A good forecaster without options: linear forecasts of many kinds compared by rolling origins, their best mean as one matrix, and a mixture of
// Gaussians beside it where that helps. Our choice; docs/forecasting.md says how it was found.
import type { Executor } from "../compile/executor.ts";
import { GmnmError } from "../errors.ts";
import type { SeriesPreprocessing } from "../table/preprocessing.ts";
import { fitGmnm } from "./forecast/fit-gmnm.ts";
import { type ForecasterName, type ForecastPlan, forecasterNames, makePlan } from "./forecast/plan.ts";
import { stepsThatFit } from "./forecast/probe.ts";
import { fitRival } from "./forecast/rivals.ts";
import { checkSeries, columnOf, encodeColumns, fitColumn, nameOf, rowsOf, type Series } from "./forecast/series.ts";
import type { ForecastFit, ForecastProgress, Work } from "./forecast/work.ts";
import { asJson, fromJson, memoryStore, type Store } from "./store.ts";

export type { ForecastErrors, ForecastEvaluation, TargetErrors } from "./forecast/errors.ts";
export { type EvaluateForecastOptions, evaluateForecast, type Forecast, forecastNext } from "./forecast/evaluate.ts";
export { type ForecasterName, type ForecastPlan, forecasterNames } from "./forecast/plan.ts";
export type { Series } from "./forecast/series.ts";
export { type PreparedSeries, type SeriesTable, type ToSeriesOptions, toSeries } from "./forecast/to-series.ts";
export type { ForecastFit, ForecastProgress } from "./forecast/work.ts";

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

/** Beyond so many time budgets no further training is begun: the machine is slower than it was when the plan was made. Our choice. */
const LATE = 1.1;

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
  const began = performance.now();
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
      await unit("plan.json", async () => {
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
  if (plan.rows !== rowsOf(series)) {
    throw new GmnmError(`the plan is for a series of ${plan.rows} rows, and ${nameOf(series)} has ${rowsOf(series)}`);
  }
  const preprocessing = preprocessingOf(series, targets, plan);
  const encoded = encodeColumns(series, preprocessing);
  // Whoever gives a plan wants all of it.
  const latest = options.plan ? Number.POSITIVE_INFINITY : began + LATE * timeBudget * 1000;
  const isLate = () => performance.now() > latest;
  const work: Work = { series, encoded, targets, plan, preprocessing, seed, unit, isLate, executor, onProgress };
  return plan.model === "gmnm" ? fitGmnm(work) : fitRival(work);
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
