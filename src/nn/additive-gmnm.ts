// The module with one-dimensional Gaussians, one feature each: our choice, in the shape of a KAN layer (arXiv:2404.19756), whose splines on a
// fixed grid it replaces by Gaussians that move and widen. An additive model in the sense of Hastie and Tibshirani (1986).
import { numpy as np } from "@jax-js/jax";
import * as v from "valibot";
import { type Tensor, toArray, zeros } from "../tensor.ts";
import { type Box, checkDomain, startingBox } from "./centers.ts";
import { expectFeatures, type Layer, sampleRows } from "./layer.ts";
import { checkOptions, count, interval, positive } from "./options.ts";

/** Options of {@link additiveGmnm}. */
export type AdditiveGmnmOptions = {
  /** Gaussians per input feature. Default 8. */
  numComponents?: number;
  /** Starting width of a Gaussian, in spacings of the centres. Default 0.7. */
  width?: number;
  /** The box, [low, high] per feature, over which the centres start evenly spaced; default the sample's, and [−1, 1] without a sample. */
  domain?: [number, number][];
};

/** Parameters of {@link additiveGmnm}. */
export type AdditiveGmnmParams = {
  /** (inFeatures, numComponents) μ. */
  centers: np.Array;
  /** (inFeatures, numComponents) s, the inverse widths. */
  scales: np.Array;
  /** (inFeatures · numComponents, outFeatures) π, feature by feature. */
  weights: np.Array;
  /** (inFeatures, outFeatures) A. */
  skip: np.Array;
  /** (outFeatures). */
  bias: np.Array;
};

const schema = v.strictObject({
  inFeatures: count,
  outFeatures: count,
  numComponents: v.optional(count, 8),
  width: v.optional(positive, 0.7),
  domain: v.optional(v.array(interval)),
});

/**
 * A sum of mixtures of single features: y_o = Σ_j Σ_k π_{j,k,o} exp(−½ s_jk² (x_j − μ_jk)²) + xA + b. In the terms of the module every P_k has
 * one row with one number in it. Two such layers, one behind the other, suit tables whose features act mostly by themselves.
 *
 * Shapes: (…, inFeatures) → (…, outFeatures).
 *
 * @example
 * ```ts
 * const model = sequential(additiveGmnm(8, 24), additiveGmnm(24, 1));
 * ```
 * @throws GmnmError for an unknown option or one out of range, and for an x whose last axis is not inFeatures long.
 */
export function additiveGmnm(
  inFeatures: number,
  outFeatures: number,
  options: AdditiveGmnmOptions = {},
): Layer<AdditiveGmnmParams> {
  const config = {
    ...checkOptions("additiveGmnm", schema, { ...options, inFeatures, outFeatures }),
    type: "additiveGmnm",
  };
  const { numComponents: m, domain } = config;
  checkDomain("additiveGmnm", domain, inFeatures);
  return {
    config,
    init(random, sample) {
      const rows = sample && sampleRows("additiveGmnm", sample, inFeatures);
      const { centers, scales } = spacedAlong(startingBox(inFeatures, domain, rows), m, config.width);
      return {
        centers: toArray(centers),
        scales: toArray(scales),
        weights: toArray(random.normal([inFeatures * m, outFeatures], 0.1 / Math.sqrt(inFeatures))),
        // Not zero, as in `gmnm`: what a first layer gives must spread for the Gaussians of the next to have something to lie over.
        skip: toArray(random.normal([inFeatures, outFeatures], 1 / Math.sqrt(inFeatures))),
        bias: toArray(zeros([outFeatures])),
      };
    },
    apply({ centers, scales, weights, skip, bias }, x) {
      expectFeatures("additiveGmnm", x, inFeatures);
      const column = x.ref.reshape([...x.shape, 1]); // (…, inFeatures, 1)
      const z = column.sub(centers).mul(scales); // (…, inFeatures, m)
      const f = np.exp(np.square(z).mul(-0.5)).reshape([...x.shape.slice(0, -1), inFeatures * m]);
      return np.matmul(f, weights).add(np.matmul(x, skip)).add(bias);
    },
  };
}

/** Centres evenly spaced from end to end of every feature's interval, and inverse widths: each (features, m). */
function spacedAlong(box: Box, m: number, width: number): { centers: Tensor; scales: Tensor } {
  const [centers, scales] = [zeros([box.length, m]), zeros([box.length, m])];
  for (const [j, [low, high]] of box.entries()) {
    const spacing = (high - low) / Math.max(1, m - 1);
    for (let k = 0; k < m; k++) {
      centers.data[j * m + k] = m === 1 ? (low + high) / 2 : low + k * spacing;
      scales.data[j * m + k] = 1 / (width * spacing);
    }
  }
  return { centers, scales };
}
