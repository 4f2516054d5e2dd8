import type { Executor } from "../../compile/executor.ts";
import { GmnmError } from "../../errors.ts";
import type { Model } from "../../model.ts";
import type { SeriesPreprocessing } from "../../table/preprocessing.ts";
import { predict } from "../../train/predict.ts";
import { evaluateTargets, type ForecastEvaluation } from "./errors.ts";
import { spread } from "./linear-map.ts";
import {
  calendarOf,
  checkSeries,
  columnOf,
  decodeValue,
  encodeColumns,
  nameOf,
  rowsOf,
  type Series,
  windowsFrom,
} from "./series.ts";
import { timeAfter } from "./spacing.ts";

/** Options of {@link evaluateForecast}. */
export type EvaluateForecastOptions = {
  /** The first row, counted from 0, that may be forecast: what was held out begins here. Default the first that has a lookback before it. */
  from?: number;
  /** Forecasts that are compared at most, evenly spread over all origins. Default 1000. */
  maxOrigins?: number;
  executor?: Executor;
};

/**
 * Forecasts from rolling origins: every forecast is made from the `lookback` rows before it and compared with the `horizon` rows that came.
 * RMSE, MAE and MASE per step ahead, beside the naive and the seasonal naive forecast.
 *
 * @example
 * ```ts
 * const { mase, targets } = await evaluateForecast(model, preprocessing, series, { from: 120 });
 * ```
 * @throws GmnmError for a series without the model's columns, or too short for one forecast.
 */
export async function evaluateForecast(
  model: Model,
  preprocessing: SeriesPreprocessing,
  series: Series,
  options: EvaluateForecastOptions = {},
): Promise<ForecastEvaluation> {
  checkSeries(series);
  const { lookback, horizon } = preprocessing;
  const { from = lookback, maxOrigins = 1000, executor } = options;
  const first = Math.max(from, lookback);
  const rows = rowsOf(series);
  if (rows < first + horizon) {
    throw new GmnmError(
      `${nameOf(series)} has ${rows} rows; to compare one forecast from row ${first + 1} on, ${first + horizon} are needed (lookback ${lookback}, horizon ${horizon})`,
    );
  }
  return evaluateAt(model, preprocessing, series, spread(first, rows - horizon + 1, maxOrigins), executor);
}

/** {@link evaluateForecast} from given origins. */
export async function evaluateAt(
  model: Model,
  preprocessing: SeriesPreprocessing,
  series: Series,
  origins: Uint32Array,
  executor?: Executor,
): Promise<ForecastEvaluation> {
  const { horizon, season, targets, columns } = preprocessing;
  const forecasts = await forecastsAt(model, preprocessing, encodeColumns(series, preprocessing), origins, executor);
  // What is known before the first forecast sets MASE's unit; of a file of which all is forecast, the whole file.
  const known = origins[0] >= 2 * (season ?? 1) + 1 ? origins[0] : rowsOf(series);
  return evaluateTargets(
    targets.map((target, j) => ({
      name: columns[target].name,
      values: columnOf(series, series.columns.indexOf(columns[target].name)),
      forecasts: forecasts[j],
      before: known,
    })),
    origins,
    { horizon, season },
  );
}

/** What a model says from some origins: per target (origins, horizon), in the target's own unit. */
async function forecastsAt(
  model: Model,
  { lookback, horizon, targets, columns }: SeriesPreprocessing,
  encoded: readonly Float64Array[],
  origins: Uint32Array,
  executor?: Executor,
): Promise<Float64Array[]> {
  const dataset = {
    rows: origins.length,
    take: (rows: ArrayLike<number>) => {
      const starts = Array.from(rows, (row) => origins[row] - lookback);
      return { x: windowsFrom(encoded, starts, lookback) };
    },
  };
  const { data } = await predict(model, dataset, { executor }); // (origins, horizon, targets)
  return targets.map((target, j) =>
    Float64Array.from({ length: origins.length * horizon }, (_, i) =>
      decodeValue(columns[target], data[i * targets.length + j]),
    ),
  );
}

/** The rows behind the end of a series: one value per target and step. */
export type Forecast = {
  /** Names of the targets. */
  columns: string[];
  /** (horizon, targets), row-major, in the targets' own units. */
  values: Float64Array;
  /** In the series' own form and spacing, where it has dates. */
  dates?: string[];
};

/**
 * The forecast of what comes after the end of a series, with the dates going on as they are written there.
 *
 * @example
 * ```ts
 * const { dates, values } = await forecastNext(model, preprocessing, series); // 1961-01, 1961-02, …
 * ```
 * @throws GmnmError for a series without the model's columns, or shorter than the lookback.
 */
export async function forecastNext(
  model: Model,
  preprocessing: SeriesPreprocessing,
  series: Series,
  { executor }: { executor?: Executor } = {},
): Promise<Forecast> {
  checkSeries(series);
  const { lookback, horizon, targets, columns } = preprocessing;
  const rows = rowsOf(series);
  if (rows < lookback)
    throw new GmnmError(`${nameOf(series)} has ${rows} rows; a forecast is made from the last ${lookback}`);
  const forecasts = await forecastsAt(
    model,
    preprocessing,
    encodeColumns(series, preprocessing),
    Uint32Array.of(rows),
    executor,
  );
  const calendar = calendarOf(series);
  const last = calendar?.times.at(-1);
  return {
    columns: targets.map((target) => columns[target].name),
    values: Float64Array.from(
      { length: horizon * targets.length },
      (_, i) => forecasts[i % targets.length][Math.floor(i / targets.length)],
    ),
    ...(calendar && {
      dates: Array.from({ length: horizon }, (_, h) =>
        calendar.format.format(timeAfter(calendar.spacing, last!, h + 1)),
      ),
    }),
  };
}
