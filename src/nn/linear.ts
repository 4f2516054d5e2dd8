import { numpy as np } from "@jax-js/jax";
import * as v from "valibot";
import { toArray, zeros } from "../tensor.ts";
import { expectFeatures, type Layer } from "./layer.ts";
import { checkOptions, count, positive } from "./options.ts";

/** Options of {@link linear}. */
export type LinearOptions = {
  /** Adds a learnt constant to each output. Default true. */
  bias?: boolean;
  /** Factor on the standard deviation 1/√inFeatures of the starting weights: √2 suits ReLU and SiLU, 5/3 tanh. Default 1. */
  gain?: number;
};

/** Parameters of {@link linear}: weights (inFeatures, outFeatures), bias (outFeatures). */
export type LinearParams = { weights: np.Array; bias?: np.Array };

const schema = v.strictObject({
  inFeatures: count,
  outFeatures: count,
  bias: v.optional(v.boolean(), true),
  gain: v.optional(positive, 1),
});

/**
 * Affine map y = xW + b.
 *
 * Shapes: (…, inFeatures) → (…, outFeatures).
 *
 * @example
 * ```ts
 * const layer = linear(784, 10);
 * ```
 */
export function linear(inFeatures: number, outFeatures: number, options: LinearOptions = {}): Layer<LinearParams> {
  const config = { ...checkOptions("linear", schema, { ...options, inFeatures, outFeatures }), type: "linear" };
  return {
    config,
    init: (random) => ({
      weights: toArray(random.normal([inFeatures, outFeatures], config.gain / Math.sqrt(inFeatures))),
      ...(config.bias && { bias: toArray(zeros([outFeatures])) }),
    }),
    apply({ weights, bias }, x) {
      expectFeatures("linear", x, inFeatures);
      const y = np.matmul(x, weights); // (…, outFeatures)
      return bias ? y.add(bias) : y;
    },
  };
}
