// NLinear with a mixture of Gaussians beside its linear map. Our choice.

import { type GmnmOptions, gmnm } from "../nn/gmnm.ts";
import type { Layer, Params } from "../nn/layer.ts";
import { nlinear } from "./nlinear.ts";

/**
 * Forecasts each column by itself from its past relative to its last value: a linear map, as in NLinear, and a mixture of Gaussians beside it
 * for what is not linear in it. All columns share both.
 *
 * Shapes: (batch, lookback, columns) → (batch, horizon, columns), for any number of columns.
 *
 * @example
 * ```ts
 * const forecaster = gmnmForecaster(336, 96, { numComponents: 16 });
 * ```
 */
export function gmnmForecaster(lookback: number, horizon: number, options: GmnmOptions = {}): Layer<Params> {
  return nlinear(lookback, horizon, {
    map: (inFeatures, outFeatures) => gmnm(inFeatures, outFeatures, { covariance: "lowRank", skip: true, ...options }),
  });
}
