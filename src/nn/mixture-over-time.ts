// A weighting of times by Gaussians of the time, as the soft window of A. Graves, "Generating sequences with recurrent neural networks",
// arXiv:1308.0850, section 5, which a network moves along; here the windows are learnt once, and each feature mixes them by weights of its own, so that they
// are a continuous kernel as in D. Romero et al., "CKConv", arXiv:2102.02611, read at the last time. The form is our choice.
import { numpy as np } from "@jax-js/jax";
import * as v from "valibot";
import { toArray } from "../tensor.ts";
import { expectAxes, type Layer } from "./layer.ts";
import { checkOptions, count, positive } from "./options.ts";

/** Options of {@link mixtureOverTime}. */
export type MixtureOverTimeOptions = {
  /** Gaussians. Default 24. */
  numComponents?: number;
  /** Starting width of a Gaussian, in spacings of the centres. Default 0.6. */
  width?: number;
  /** Starting size of the weights: their standard deviation is weightScale / √numComponents. Default 0.3. */
  weightScale?: number;
};

/** Parameters of {@link mixtureOverTime}; times are counted in spacings of the starting centres, from 0 to `numComponents`. */
export type MixtureOverTimeParams = {
  /** (components) μ. */
  centers: np.Array;
  /** (components) s, the inverse widths. */
  scales: np.Array;
  /** (components, features) π. */
  weights: np.Array;
};

const schema = v.strictObject({
  features: count,
  numComponents: v.optional(count, 24),
  width: v.optional(positive, 0.6),
  weightScale: v.optional(positive, 0.3),
});

/**
 * One state from the states of all times: y_j = h_T,j + Σ_t κ_j(t) h_t,j, where the kernel of each feature is a mixture of Gaussians of the
 * time, κ_j(t) = Σ_k π_kj exp(−½ s_k² (t − μ_k)²). It looks back at the hours that matter, such as the same one of yesterday, where the last
 * state of a recurrent layer has to remember them; far from every Gaussian the last state is left. The kernel is stretched over however many
 * times there are.
 *
 * Shapes: (batch, time, features) → (batch, features).
 *
 * @example
 * ```ts
 * const forecaster = sequential(lstm(7, 64, { returnSequence: true }), mixtureOverTime(64), linear(64, 24));
 * ```
 * @throws GmnmError for x of another shape.
 */
export function mixtureOverTime(features: number, options: MixtureOverTimeOptions = {}): Layer<MixtureOverTimeParams> {
  const checked = checkOptions("mixtureOverTime", schema, { ...options, features });
  const { numComponents: m, width, weightScale } = checked;
  return {
    config: { ...checked, type: "mixtureOverTime" },
    init: (random) => ({
      centers: toArray({ data: Float32Array.from({ length: m }, (_, k) => k + 0.5), shape: [m] }),
      scales: toArray({ data: new Float32Array(m).fill(1 / width), shape: [m] }),
      weights: toArray(random.normal([m, features], weightScale / Math.sqrt(m))),
    }),
    apply({ centers, scales, weights }, x) {
      expectAxes("mixtureOverTime", x, "batch", "time", features);
      const time = x.shape[1];
      const times = { data: Float32Array.from({ length: time }, (_, t) => (m * (t + 0.5)) / time), shape: [time, 1] };
      const z = toArray(times).sub(centers).mul(scales); // (time, m)
      const kernel = np.matmul(np.exp(np.square(z).mul(-0.5)), weights); // (time, features)
      const last = x.ref.slice([], time - 1); // (batch, features)
      return last.add(x.mul(kernel).sum(1));
    },
  };
}
