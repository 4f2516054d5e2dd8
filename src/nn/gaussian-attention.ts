// Attention by distance: a mixture of Gaussian kernels of ‖q − k‖ in place of softmax(q · k / √headSize). Mixtures of kernels in attention:
// T. Nguyen et al., "Improving transformers with probabilistic attention keys", arXiv:2110.08678. The form here is our choice.
import { lax, nn, numpy as np } from "@jax-js/jax";
import * as v from "valibot";
import { type Tensor, toArray } from "../tensor.ts";
import {
  causalMask,
  type HeadsOptions,
  type HeadsParams,
  headSizeOf,
  headsEntries,
  initializeHeads,
  mixTokens,
  type Shares,
} from "./heads.ts";
import type { Layer } from "./layer.ts";
import { checkOptions, count, positive } from "./options.ts";
import { softmax } from "./softmax.ts";

/** Options of {@link gaussianAttention}. */
export type GaussianAttentionOptions = HeadsOptions & {
  /** Gaussian kernels mixed in each head. Default 2. */
  numKernels?: number;
  /** Scales queries and keys to a root mean square of 1, so that only their directions and the learnt widths matter. Default false. */
  normalize?: boolean;
  /** Starting width of the kernels; 1 is that of softmax(q · k / √headSize), headSize^¼. Default 1. */
  width?: number;
  /** The widest kernel starts so many times as wide as the narrowest. Default 1.5. */
  spread?: number;
};

/** Parameters of {@link gaussianAttention}: those of the heads, and their kernels. */
export type GaussianAttentionParams = HeadsParams & {
  /** (numHeads, numKernels) log s², with s the inverse width. */
  logPrecisions: np.Array;
  /** (numHeads, numKernels) log π; none for one kernel, whose weight cancels. */
  logWeights?: np.Array;
};

const schema = v.strictObject({
  ...headsEntries,
  numKernels: v.optional(count, 2),
  normalize: v.optional(v.boolean(), false),
  width: v.optional(positive, 1),
  spread: v.optional(positive, 1.5),
});

/**
 * Self-attention by distance: each head mixes the values v of all tokens with shares w_ij ∝ Σ_s π_s exp(−½ s² ‖q_i − k_j‖²), which sum to 1 over j.
 * Widths and weights are learnt per head. With ‖q − k‖² = ‖q‖² + ‖k‖² − 2 q · k it stays one matrix product per head; one kernel of width
 * headSize^¼ and keys of equal length make it softmax(q · k / √headSize).
 *
 * Shapes: (batch, tokens, features) → (batch, tokens, features). Weights start from N(0, 1/features), biases at 0.
 *
 * @example
 * ```ts
 * const block = residual(sequential(layerNorm(64), gaussianAttention(64, { numHeads: 8 })));
 * ```
 * @throws GmnmError when `numHeads` does not divide `features`, and for x of another shape.
 */
export function gaussianAttention(
  features: number,
  options: GaussianAttentionOptions = {},
): Layer<GaussianAttentionParams> {
  const type = "gaussianAttention";
  const config = { ...checkOptions(type, schema, { ...options, features }), type };
  const { numKernels } = config;
  const headSize = headSizeOf(config);
  return {
    config,
    init(random) {
      const logPrecisions = startingPrecisions(config, headSize);
      return {
        ...initializeHeads(random, features),
        logPrecisions: toArray(logPrecisions),
        ...(numKernels > 1 && { logWeights: toArray(balancingWeights(logPrecisions, headSize)) }),
      };
    },
    apply: ({ logPrecisions, logWeights, ...heads }, x) =>
      mixTokens(config, heads, x, gaussianShares(config, { logPrecisions, logWeights })),
  };
}

/** Shares of a mixture of Gaussian kernels. Consumes the kernels. */
export const gaussianShares =
  (
    { normalize, causal }: { normalize: boolean; causal: boolean },
    { logPrecisions, logWeights }: Pick<GaussianAttentionParams, "logPrecisions" | "logWeights">,
  ): Shares =>
  (queries, keys) => {
    const [q, k] = normalize ? [unitMeanSquare(queries), unitMeanSquare(keys)] : [queries, keys];
    const keyLengths = np.square(k.ref).sum(-1); // (batch, numHeads, tokens)
    const product = np.matmul(q.ref.mul(2), k.transpose([0, 1, 3, 2])); // (batch, numHeads, tokens, tokens)
    const nearness = product.sub(np.expandDims(keyLengths, 2)); // ‖q‖² − ‖q − k‖²
    const seen = causal ? nearness.add(causalMask(nearness.shape[2])) : nearness;
    if (logWeights) return mixKernels(seen, np.square(q).sum(-1), logPrecisions, logWeights);
    q.dispose();
    return softmax(seen.mul(halved(logPrecisions))); // ‖q‖² cancels
  };

/** Widths in equal ratios around that of softmax: s² = 1 / √headSize. */
function startingPrecisions(
  { numHeads, numKernels, width, spread }: Required<Omit<GaussianAttentionOptions, "causal" | "normalize">>,
  headSize: number,
): Tensor {
  const middle = -0.5 * Math.log(headSize) - 2 * Math.log(width);
  const shape = [numHeads, numKernels];
  const position = (s: number) => (numKernels > 1 ? s / (numKernels - 1) - 0.5 : 0); // from −½ to ½
  const data = Float32Array.from(
    { length: numHeads * numKernels },
    (_, i) => middle + 2 * Math.log(spread) * position(i % numKernels),
  );
  return { data, shape };
}

/**
 * log π = ½ s² · 2 headSize: at the start q and k differ by 2 in mean square per feature, and at that distance all kernels are equal. Equal weights
 * would leave everything to the widest kernel, whose shares are nearly equal.
 */
const balancingWeights = ({ data, shape }: Tensor, headSize: number): Tensor => ({
  data: data.map((logPrecision) => Math.exp(logPrecision) * headSize),
  shape,
});

/** Rows of root mean square 1; a row of zeros stays what it is. */
const unitMeanSquare = (x: np.Array): np.Array =>
  x.ref.div(np.sqrt(np.square(x).mean(-1, { keepdims: true }).add(1e-6)));

/** ½ s², as (numHeads, 1, 1) of one kernel. */
const halved = (logPrecisions: np.Array): np.Array => np.exp(logPrecisions).mul(0.5).reshape([-1, 1, 1]);

/**
 * Shares of a mixture from ‖q_i‖² − ‖q_i − k_j‖², (batch, numHeads, tokens, tokens), and ‖q_i‖². All is taken relative to the nearest key, at a
 * squared distance of d²: Σ_s (π_s exp(−½ s² d²) / Σ_t π_t exp(−½ t² d²)) exp(−½ s² (‖q_i − k_j‖² − d²)). The nearest key gets 1 however far it
 * is, so nothing underflows. The shares do not depend on what was subtracted, so that needs no gradient.
 */
function mixKernels(nearness: np.Array, lengths: np.Array, logPrecisions: np.Array, logWeights: np.Array): np.Array {
  const [batch, numHeads, tokens] = nearness.shape;
  const half = halved(logPrecisions).reshape([numHeads, -1, 1, 1]);
  const nearest = lax.stopGradient(nearness.ref.max(-1, { keepdims: true })); // (batch, numHeads, tokens, 1)
  const gaps = nearness.sub(nearest.ref).reshape([batch, numHeads, 1, tokens, tokens]);
  const logMix = nearest
    .sub(np.expandDims(lengths, -1))
    .reshape([batch, numHeads, 1, tokens, 1])
    .mul(half.ref)
    .add(logWeights.reshape([numHeads, -1, 1, 1]));
  const kernels = np.exp(gaps.mul(half)).mul(nn.softmax(logMix, 2)); // (batch, numHeads, numKernels, tokens, tokens)
  const mixture = kernels.sum(2); // (batch, numHeads, tokens, tokens)
  return mixture.ref.div(mixture.sum(-1, { keepdims: true }));
}
