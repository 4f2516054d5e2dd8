// J. L. Ba, J. R. Kiros, G. E. Hinton, "Layer Normalization", arXiv:1607.06450.
import { numpy as np } from "@jax-js/jax";
import * as v from "valibot";
import { toArray, zeros } from "../tensor.ts";
import { expectFeatures, type Layer } from "./layer.ts";
import { checkOptions, count, positive } from "./options.ts";

/** Options of {@link layerNorm}. */
export type LayerNormOptions = {
  /** Added to the variance. Default 1e-5. */
  epsilon?: number;
  /** Learns a scale and a shift per feature. Default true. */
  affine?: boolean;
};

/** Parameters of {@link layerNorm}: scale and bias (features), none when not affine. */
export type LayerNormParams = { scale?: np.Array; bias?: np.Array };

const schema = v.strictObject({
  features: count,
  epsilon: v.optional(positive, 1e-5),
  affine: v.optional(v.boolean(), true),
});

/**
 * Normalises the last axis to mean 0 and variance 1, then scales and shifts it.
 *
 * Shapes: (…, features) → (…, features).
 *
 * @example
 * ```ts
 * const block = sequential(layerNorm(64), gmnm(64, 64));
 * ```
 */
export function layerNorm(features: number, options: LayerNormOptions = {}): Layer<LayerNormParams> {
  const config = { ...checkOptions("layerNorm", schema, { ...options, features }), type: "layerNorm" };
  return {
    config,
    init: () =>
      config.affine
        ? {
            scale: toArray({ data: new Float32Array(features).fill(1), shape: [features] }),
            bias: toArray(zeros([features])),
          }
        : {},
    apply({ scale, bias }, x) {
      expectFeatures("layerNorm", x, features);
      const centred = x.ref.sub(x.mean(-1, { keepdims: true })); // (…, features)
      const variance = np.square(centred.ref).mean(-1, { keepdims: true }); // (…, 1)
      const y = centred.div(np.sqrt(variance.add(config.epsilon)));
      return scale && bias ? y.mul(scale).add(bias) : y;
    },
  };
}
