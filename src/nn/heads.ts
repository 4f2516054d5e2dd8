// What kinds of attention have in common: the maps to the heads and back, and the mask. A. Vaswani et al., "Attention is all you need",
// arXiv:1706.03762; one projection for queries, keys and values together is our choice.
import { numpy as np } from "@jax-js/jax";
import * as v from "valibot";
import { GmnmError } from "../errors.ts";
import type { Random } from "../random.ts";
import { toArray, zeros } from "../tensor.ts";
import { expectAxes } from "./layer.ts";
import { count } from "./options.ts";

/** Options of attention with heads. */
export type HeadsOptions = {
  /** Heads, each of features / numHeads features. Default 4. */
  numHeads?: number;
  /** A token sees itself and those before it only. Default false. */
  causal?: boolean;
};

/** Parameters of the maps to the heads and back. */
export type HeadsParams = {
  /** (features, 3 · features): queries, keys and values side by side, and in each the heads side by side. */
  inputWeights: np.Array;
  /** (3 · features). */
  inputBias: np.Array;
  /** (features, features). */
  outputWeights: np.Array;
  /** (features). */
  outputBias: np.Array;
};

/** Checks of {@link HeadsOptions}, to be spread into a layer's schema. */
export const headsEntries = {
  features: count,
  numHeads: v.optional(count, 4),
  causal: v.optional(v.boolean(), false),
};

type HeadsConfig = { type: string; features: number; numHeads: number };

/** Numbers per head. */
export function headSizeOf({ type, features, numHeads }: HeadsConfig): number {
  if (features % numHeads) {
    throw new GmnmError(`numHeads of ${type} must divide features (${features}), got ${numHeads}`);
  }
  return features / numHeads;
}

/** Weights from N(0, 1/features), biases at 0. */
export const initializeHeads = (random: Random, features: number): HeadsParams => ({
  inputWeights: toArray(random.normal([features, 3 * features], 1 / Math.sqrt(features))),
  inputBias: toArray(zeros([3 * features])),
  outputWeights: toArray(random.normal([features, features], 1 / Math.sqrt(features))),
  outputBias: toArray(zeros([features])),
});

/** Queries, keys and values of tokens (batch, tokens, features): (batch, numHeads, tokens, headSize) each. */
export function projectToHeads(
  { type, features, numHeads }: HeadsConfig,
  { inputWeights, inputBias }: Pick<HeadsParams, "inputWeights" | "inputBias">,
  x: np.Array,
): [q: np.Array, k: np.Array, value: np.Array] {
  expectAxes(type, x, "batch", "tokens", features);
  const [batch, tokens] = x.shape;
  const headSize = features / numHeads;
  const projected = np.matmul(x.reshape([batch * tokens, features]), inputWeights).add(inputBias);
  const heads = projected.reshape([batch, tokens, 3, numHeads, headSize]).transpose([2, 0, 3, 1, 4]);
  const parts = np.split(heads, 3, 0).map((part) => part.reshape([batch, numHeads, tokens, headSize]));
  return parts as [np.Array, np.Array, np.Array];
}

/** How much every query (row) takes of every key (column), (batch, numHeads, tokens, tokens), from (batch, numHeads, tokens, headSize) each. */
export type Shares = (queries: np.Array, keys: np.Array) => np.Array;

/** Mixes the values of all tokens in each head, by shares: (batch, tokens, features) → the same. */
export function mixTokens(config: HeadsConfig, params: HeadsParams, x: np.Array, sharesOf: Shares): np.Array {
  const [batch, tokens, features] = x.shape;
  const { outputWeights, outputBias, ...input } = params;
  const [q, k, value] = projectToHeads(config, input, x);
  const mixed = np
    .matmul(sharesOf(q, k), value)
    .transpose([0, 2, 1, 3])
    .reshape([batch * tokens, features]);
  return np.matmul(mixed, outputWeights).add(outputBias).reshape([batch, tokens, features]);
}

/** (tokens, tokens): 0 where a query (row) may see a key (column), and elsewhere a number whose exponential is 0. */
export const causalMask = (tokens: number): np.Array =>
  toArray({
    data: Float32Array.from({ length: tokens * tokens }, (_, i) => (i % tokens > Math.floor(i / tokens) ? -1e9 : 0)),
    shape: [tokens, tokens],
  });
