// A. Vaswani et al., "Attention is all you need", arXiv:1706.03762. One projection for queries, keys and values together (our choice).
import { nn, numpy as np } from "@jax-js/jax";
import * as v from "valibot";
import { GmnmError } from "../errors.ts";
import { toArray, zeros } from "../tensor.ts";
import { expectAxes, type Layer } from "./layer.ts";
import { checkOptions, count } from "./options.ts";

/** Options of {@link multiHeadAttention}. */
export type MultiHeadAttentionOptions = {
  /** Heads, each of features / numHeads features. Default 4. */
  numHeads?: number;
  /** A token sees itself and those before it only. Default false. */
  causal?: boolean;
};

/** Parameters of {@link multiHeadAttention}. */
export type MultiHeadAttentionParams = {
  /** (features, 3 · features): queries, keys and values side by side, and in each the heads side by side. */
  inputWeights: np.Array;
  /** (3 · features). */
  inputBias: np.Array;
  /** (features, features). */
  outputWeights: np.Array;
  /** (features). */
  outputBias: np.Array;
};

const schema = v.strictObject({
  features: count,
  numHeads: v.optional(count, 4),
  causal: v.optional(v.boolean(), false),
});

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
  const config = {
    ...checkOptions("multiHeadAttention", schema, { ...options, features }),
    type: "multiHeadAttention",
  };
  const { numHeads, causal } = config;
  if (features % numHeads) {
    throw new GmnmError(`numHeads of multiHeadAttention must divide features (${features}), got ${numHeads}`);
  }
  const headSize = features / numHeads;
  return {
    config,
    init: (random) => ({
      inputWeights: toArray(random.normal([features, 3 * features], 1 / Math.sqrt(features))),
      inputBias: toArray(zeros([3 * features])),
      outputWeights: toArray(random.normal([features, features], 1 / Math.sqrt(features))),
      outputBias: toArray(zeros([features])),
    }),
    apply({ inputWeights, inputBias, outputWeights, outputBias }, x) {
      expectAxes("multiHeadAttention", x, "batch", "tokens", features);
      const [batch, tokens] = x.shape;
      const projected = np.matmul(x.reshape([batch * tokens, features]), inputWeights).add(inputBias);
      const heads = projected.reshape([batch, tokens, 3, numHeads, headSize]).transpose([2, 0, 3, 1, 4]);
      const [q, k, value] = np.split(heads, 3, 0).map((part) => part.reshape([batch, numHeads, tokens, headSize]));
      const scores = np.matmul(q.mul(1 / Math.sqrt(headSize)), k.transpose([0, 1, 3, 2])); // (batch, numHeads, tokens, tokens)
      const shares = nn.softmax(causal ? scores.add(causalMask(tokens)) : scores, -1);
      const mixed = np
        .matmul(shares, value)
        .transpose([0, 2, 1, 3])
        .reshape([batch * tokens, features]);
      return np.matmul(mixed, outputWeights).add(outputBias).reshape([batch, tokens, features]);
    },
  };
}

/** (tokens, tokens): 0 where a query (row) may see a key (column), and elsewhere a number whose exponential is 0. */
const causalMask = (tokens: number): np.Array =>
  toArray({
    data: Float32Array.from({ length: tokens * tokens }, (_, i) => (i % tokens > Math.floor(i / tokens) ? -1e9 : 0)),
    shape: [tokens, tokens],
  });
