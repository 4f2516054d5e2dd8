// One layer for all columns of a series, each by itself ("channel independence"): A. Zeng et al., "Are transformers effective for time
// series forecasting?", arXiv:2205.13504, whose linear models are shared by the columns.
import { GmnmError } from "../errors.ts";
import { showShape, type Tensor, toArray, toTensor } from "../tensor.ts";
import type { AnyLayer, Layer, Params } from "./layer.ts";
import { expectSeries } from "./series.ts";

/**
 * A layer of features along the time axis, each column by itself. Its parameters are those of the layer.
 *
 * Shapes: (batch, lookback, columns) → (batch, horizon, columns), for a layer from lookback to horizon features.
 *
 * @example
 * ```ts
 * const forecaster = aroundLastValue(overTime(linear(336, 96))); // NLinear
 * ```
 * @throws GmnmError for x of other axes.
 */
export function overTime(layer: AnyLayer): Layer<Params> {
  const { adapt } = layer;
  /** Rows as the layer sees them: (batch, time, columns) → (batch, columns, time). */
  const turned = (sample: Tensor): Tensor => toTensor(toArray(sample).transpose([0, 2, 1]));
  return {
    config: { type: "overTime", layer: layer.config },
    init: (random, sample) => layer.init(random, sample && turned(sample)),
    apply(params, x, context) {
      expectSeries("overTime", x);
      const y = layer.apply(params, x.transpose([0, 2, 1]), context); // (batch, columns, horizon)
      if (y.ndim !== 3) {
        throw new GmnmError(`overTime expected its layer to give (batch, columns, horizon), got ${showShape(y.shape)}`);
      }
      return y.transpose([0, 2, 1]);
    },
    ...(adapt && { adapt: (params: Params, sample: Tensor) => adapt(params, turned(sample)) }),
  };
}
