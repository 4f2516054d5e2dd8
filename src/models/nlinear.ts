// A. Zeng et al., "Are transformers effective for time series forecasting?", arXiv:2205.13504, section 4.
import { aroundLastValue } from "../nn/last-value.ts";
import type { AnyLayer, Layer, Params } from "../nn/layer.ts";
import { linear } from "../nn/linear.ts";
import { overTime } from "../nn/over-time.ts";

/** Options of {@link nlinear}. */
export type NlinearOptions = {
  /** The map from lookback to horizon, one for all columns. Default {@link linear}, which starts near the last value repeated. */
  map?: (lookback: number, horizon: number) => AnyLayer;
};

/** A linear map that starts small: from weights of the usual size, most of a training goes into forgetting them. Our choice. */
const gently = (lookback: number, horizon: number) => linear(lookback, horizon, { gain: 0.001 });

/**
 * NLinear: each column's past, relative to its last value, mapped to its future, by the same map for all columns. With another map than a
 * linear one, a forecaster that starts from what makes NLinear hard to beat.
 *
 * Shapes: (batch, lookback, columns) → (batch, horizon, columns), for any number of columns.
 *
 * @example
 * ```ts
 * const forecaster = nlinear(336, 96);
 * ```
 */
export function nlinear(lookback: number, horizon: number, { map = gently }: NlinearOptions = {}): Layer<Params> {
  return aroundLastValue(overTime(map(lookback, horizon)));
}
