import type { Executor } from "../../compile/executor.ts";
import type { Model } from "../../model.ts";
import type { SeriesPreprocessing } from "../../table/preprocessing.ts";
import type { ForecastEvaluation } from "./errors.ts";
import type { MixtureChoice } from "./mixture.ts";
import type { ForecastPlan } from "./plan.ts";
import type { Blend } from "./rolling.ts";
import type { Series } from "./series.ts";

/** What is being done, and how many of the units of work are done. */
export type ForecastProgress = { doing: string; done: number; of: number };

/** What `fitForecast` returns. */
export type ForecastFit = {
  /** (rows, lookback, columns) → (rows, horizon, targets), on the scale of `preprocessing`. */
  model: Model;
  preprocessing: SeriesPreprocessing;
  plan: ForecastPlan;
  /**
   * Errors of forecasts of the series' end by models that had not been trained on it, but were chosen by it: a little too good. `chosen` are the
   * linear forecasts that were blended, with their shares; `mixture` what stands beside them, if anything does.
   */
  validation: ForecastEvaluation & { chosen: { target: string; forecasts: Blend }[]; mixture?: MixtureChoice };
};

/** What the parts of a fit share. */
export type Work = {
  series: Series;
  /** All columns on the model's scale. */
  encoded: Float64Array[];
  /** Places of the targets among them. */
  targets: readonly number[];
  plan: ForecastPlan;
  preprocessing: SeriesPreprocessing;
  seed: number;
  /** Computes bytes, or takes them from the store. */
  unit: (key: string, make: () => Promise<Uint8Array>) => Promise<Uint8Array>;
  /** Whether the time budget is overdrawn by so much that what may be left out is left out. What was decided is stored. */
  isLate: () => boolean;
  executor?: Executor;
  onProgress?: (progress: ForecastProgress) => void;
};
