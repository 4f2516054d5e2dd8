// A. Vaswani et al., "Attention is all you need", arXiv:1706.03762, equation 1.
import { numpy as np } from "@jax-js/jax";
import * as v from "valibot";
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
import { checkOptions } from "./options.ts";
import { softmax } from "./softmax.ts";

/** Options of {@link multiHeadAttention}. */
export type MultiHeadAttentionOptions = HeadsOptions;
/** Parameters of {@link multiHeadAttention}. */
export type MultiHeadAttentionParams = HeadsParams;

const schema = v.strictObject(headsEntries);

/**
 * Self-attention: each head mixes the values v of all tokens, softmax_j(q_i · k_j / √headSize) v_j, with queries q, keys k and values v that are
 * affine maps of the tokens; the heads side by side go through another affine map.
 *
 * Shapes: (batch, tokens, features) → (batch, tokens, features). Weights start from N(0, 1/features), biases at 0.
 *
 * @example
 * ```ts
 * const block = sequential(layerNorm(64), multiHeadAttention(64, { numHeads: 8, causal: true }));
 * ```
 * @throws GmnmError when `numHeads` does not divide `features`, and for x of another shape.
 */
export function multiHeadAttention(
  features: number,
  options: MultiHeadAttentionOptions = {},
): Layer<MultiHeadAttentionParams> {
  const type = "multiHeadAttention";
  const config = { ...checkOptions(type, schema, { ...options, features }), type };
  headSizeOf(config);
  return {
    config,
    init: (random) => initializeHeads(random, features),
    apply: (params, x) => mixTokens(config, params, x, softmaxShares(config)),
  };
}

/** softmax_j(q_i · k_j / √headSize). */
export const softmaxShares =
  ({ causal }: { causal: boolean }): Shares =>
  (q, k) => {
    const scores = np.matmul(q.mul(1 / Math.sqrt(q.shape[3])), k.transpose([0, 1, 3, 2])); // (batch, numHeads, tokens, tokens)
    return softmax(causal ? scores.add(causalMask(scores.shape[2])) : scores);
  };
