// DLinear's decomposition: A. Zeng et al., "Are transformers effective for time series forecasting?", arXiv:2205.13504, section 4; the moving
// average is that of Autoformer, arXiv:2106.13008, equation 1.
import * as v from "valibot";
import { type Tensor, toArray, toTensor } from "../tensor.ts";
import type { AnyLayer, Layer, Params } from "./layer.ts";
import { checkOptions, count } from "./options.ts";
import { expectSeries, movingAverage } from "./series.ts";

/** Options of {@link decomposition}. */
export type DecompositionOptions = {
  /** Times under the moving average. Default 25. */
  window?: number;
};

/** Parameters of {@link decomposition}: those of its two layers. */
export type DecompositionParams = { trend: Params; remainder: Params };

const schema = v.strictObject({ window: v.optional(count, 25) });

/**
 * Splits a series into its moving average and what remains, gives each to a layer of its own, and adds what they make of them:
 * trend(m) + remainder(x − m). The ends of the series are repeated for the average.
 *
 * Shapes: those of the layers, from (batch, time, columns).
 *
 * @example
 * ```ts
 * const forecaster = decomposition(overTime(linear(336, 96)), overTime(linear(336, 96))); // DLinear
 * ```
 * @throws GmnmError for x of other axes.
 */
export function decomposition(
  trend: AnyLayer,
  remainder: AnyLayer,
  options: DecompositionOptions = {},
): Layer<DecompositionParams> {
  const { window } = checkOptions("decomposition", schema, options);
  const split = (sample?: Tensor): { smooth?: Tensor; rest?: Tensor } => {
    if (!sample) return {};
    const smooth = toTensor(movingAverage(toArray(sample), window));
    return { smooth, rest: { data: sample.data.map((value, i) => value - smooth.data[i]), shape: sample.shape } };
  };
  return {
    config: { type: "decomposition", trend: trend.config, remainder: remainder.config, window },
    init(random, sample) {
      const { smooth, rest } = split(sample);
      return { trend: trend.init(random.split(), smooth), remainder: remainder.init(random.split(), rest) };
    },
    apply(params, x, context) {
      expectSeries("decomposition", x);
      const smooth = movingAverage(x.ref, window);
      const rest = x.sub(smooth.ref);
      return trend.apply(params.trend, smooth, context).add(remainder.apply(params.remainder, rest, context));
    },
    adapt(params, sample) {
      const { smooth, rest } = split(sample);
      return {
        trend: trend.adapt?.(params.trend, smooth!) ?? params.trend,
        remainder: remainder.adapt?.(params.remainder, rest!) ?? params.remainder,
      };
    },
  };
}
