// A. Zeng et al., "Are transformers effective for time series forecasting?", arXiv:2205.13504, section 4.
import { type DecompositionOptions, type DecompositionParams, decomposition } from "../nn/decomposition.ts";
import type { Layer } from "../nn/layer.ts";
import { linear } from "../nn/linear.ts";
import { overTime } from "../nn/over-time.ts";

/**
 * DLinear: a linear map for the moving average of each column's past and one for what remains, the same for all columns.
 *
 * Shapes: (batch, lookback, columns) → (batch, horizon, columns), for any number of columns.
 *
 * @example
 * ```ts
 * const forecaster = dlinear(336, 96);
 * ```
 */
export function dlinear(
  lookback: number,
  horizon: number,
  options: DecompositionOptions = {},
): Layer<DecompositionParams> {
  return decomposition(overTime(linear(lookback, horizon)), overTime(linear(lookback, horizon)), options);
}
