// Learnt positions, as in A. Dosovitskiy et al., "An image is worth 16x16 words", arXiv:2010.11929, equation 1; the start is our choice.
import type { numpy as np } from "@jax-js/jax";
import * as v from "valibot";
import { toArray } from "../tensor.ts";
import { expectAxes, type Layer } from "./layer.ts";
import { checkOptions, count } from "./options.ts";

/** Parameters of {@link positions}. */
export type PositionsParams = {
  /** (tokens, features). */
  embedding: np.Array;
};

const schema = v.strictObject({ tokens: count, features: count });

/**
 * Adds a learnt vector to each token of a sequence, by which attention can tell where it stands. They start from N(0, 0.1²).
 *
 * Shapes: (batch, tokens, features) → the same.
 *
 * @example
 * ```ts
 * const embedding = sequential(patchTokens(4), linear(16, 48), positions(49, 48));
 * ```
 * @throws GmnmError for x of another shape.
 */
export function positions(tokens: number, features: number): Layer<PositionsParams> {
  const config = { ...checkOptions("positions", schema, { tokens, features }), type: "positions" };
  return {
    config,
    init: (random) => ({ embedding: toArray(random.normal([tokens, features], 0.1)) }),
    apply({ embedding }, x) {
      expectAxes("positions", x, "batch", tokens, features);
      return x.add(embedding);
    },
  };
}
