// How far forecasts are off, in the series' own unit, beside the naive and the seasonal naive forecast.

/** Errors of one forecast of one column. */
export type ForecastErrors = {
  rmse: number;
  mae: number;
  /**
   * Mean absolute scaled error: mae over the mean absolute difference between values one season apart (one step without a season) in the
   * data before the first forecast. R. J. Hyndman, A. B. Koehler, "Another look at measures of forecast accuracy", 2006. NaN where that difference is 0.
   */
  mase: number;
  /** Per step ahead. */
  rmsePerStep: number[];
  maePerStep: number[];
};

/** One target's errors: the model's, and those of the forecasts it must beat. */
export type TargetErrors = {
  name: string;
  model: ForecastErrors;
  /** The last value, again and again. */
  naive: ForecastErrors;
  /** The last season, again and again; undefined for a series without one. */
  seasonalNaive?: ForecastErrors;
};

/** What {@link evaluateForecast} and the validation of a fit say. */
export type ForecastEvaluation = {
  task: "forecast";
  horizon: number;
  season?: number;
  /** Forecasts compared: one from every origin, each of `horizon` steps. */
  origins: number;
  /** Over all targets, steps and origins, in the targets' own unit. */
  rmse: number;
  mae: number;
  /** Mean over the targets. */
  mase: number;
  targets: TargetErrors[];
};

/** The yardstick of MASE: mean absolute difference of values `season` steps apart, among the first `rows`. */
export function seasonalDifference(values: Float64Array, rows: number, season = 1): number {
  const count = rows - season;
  let sum = 0;
  for (let t = season; t < rows; t++) sum += Math.abs(values[t] - values[t - season]);
  return count > 0 ? sum / count : Number.NaN;
}

/** Errors of forecasts (origins, horizon) against what came. */
export function forecastErrors(
  forecasts: Float64Array,
  truth: Float64Array,
  horizon: number,
  yardstick: number,
): ForecastErrors {
  const origins = truth.length / horizon;
  const squares = new Float64Array(horizon);
  const absolute = new Float64Array(horizon);
  for (let i = 0; i < truth.length; i++) {
    const error = forecasts[i] - truth[i];
    squares[i % horizon] += error * error;
    absolute[i % horizon] += Math.abs(error);
  }
  const total = (sums: Float64Array) => sums.reduce((sum, value) => sum + value, 0) / (origins * horizon);
  const mae = total(absolute);
  return {
    rmse: Math.sqrt(total(squares)),
    mae,
    mase: yardstick > 0 ? mae / yardstick : Number.NaN,
    rmsePerStep: Array.from(squares, (sum) => Math.sqrt(sum / origins)),
    maePerStep: Array.from(absolute, (sum) => sum / origins),
  };
}

/** What one target's forecasts and values are, all in its own unit. */
export type TargetForecasts = { name: string; values: Float64Array; forecasts: Float64Array; before: number };

/** Errors of several targets' forecasts (origins, horizon) from the same origins, beside the naive ones. */
export function evaluateTargets(
  targets: readonly TargetForecasts[],
  origins: ArrayLike<number>,
  { horizon, season }: { horizon: number; season?: number },
): ForecastEvaluation {
  const all = targets.map(({ name, values, forecasts, before }) => {
    const from = (source: (origin: number, h: number) => number) =>
      Float64Array.from(
        { length: origins.length * horizon },
        (_, i) => values[source(origins[Math.floor(i / horizon)], i % horizon)],
      );
    const truth = from((origin, h) => origin + h);
    const yardstick = seasonalDifference(values, before, season);
    const errors = (f: Float64Array) => forecastErrors(f, truth, horizon, yardstick);
    const reaches = season !== undefined && Array.prototype.every.call(origins, (origin: number) => origin >= season);
    return {
      name,
      model: errors(forecasts),
      naive: errors(from((origin) => origin - 1)),
      ...(reaches && { seasonalNaive: errors(from((origin, h) => origin - season + (h % season))) }),
    };
  });
  const mean = (of: (errors: TargetErrors) => number) => all.reduce((sum, errors) => sum + of(errors), 0) / all.length;
  return {
    task: "forecast",
    horizon,
    ...(season !== undefined && { season }),
    origins: origins.length,
    rmse: Math.sqrt(mean(({ model }) => model.rmse ** 2)),
    mae: mean(({ model }) => model.mae),
    mase: mean(({ model }) => model.mase),
    targets: all,
  };
}
