// A linear map from the past to the future for every column of a series, as the "individual" models of A. Zeng et al., arXiv:2205.13504.
import { numpy as np } from "@jax-js/jax";
import * as v from "valibot";
import { toArray, zeros } from "../tensor.ts";
import { expectAxes, type Layer } from "./layer.ts";
import { checkOptions, count } from "./options.ts";

/** Parameters of {@link linearPerColumn}: weights (columns, lookback, horizon), bias (columns, horizon). */
export type LinearPerColumnParams = { weights: np.Array; bias: np.Array };

const schema = v.strictObject({ lookback: count, horizon: count, columns: count });

/**
 * y_c = x_c W_c + b_c along the time axis, with weights of its own for every column c. Starts at the mean of the past.
 *
 * Shapes: (batch, lookback, columns) → (batch, horizon, columns).
 *
 * @example
 * ```ts
 * const forecaster = linearPerColumn(336, 96, 7);
 * ```
 * @throws GmnmError for x of another shape.
 */
export function linearPerColumn(lookback: number, horizon: number, columns: number): Layer<LinearPerColumnParams> {
  const config = {
    ...checkOptions("linearPerColumn", schema, { lookback, horizon, columns }),
    type: "linearPerColumn",
  };
  return {
    config,
    init: () => ({
      weights: toArray({
        data: new Float32Array(columns * lookback * horizon).fill(1 / lookback),
        shape: [columns, lookback, horizon],
      }),
      bias: toArray(zeros([columns, horizon])),
    }),
    apply({ weights, bias }, x) {
      expectAxes("linearPerColumn", x, "batch", lookback, columns);
      const y = np.matmul(x.transpose([2, 0, 1]), weights); // (columns, batch, horizon)
      return y.add(bias.reshape([columns, 1, horizon])).transpose([1, 2, 0]); // (batch, horizon, columns)
    },
  };
}
