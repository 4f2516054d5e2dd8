// N. Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting", JMLR 15 (2014).
import { numpy as np } from "@jax-js/jax";
import * as v from "valibot";
import { GmnmError } from "../errors.ts";
import type { Layer } from "./layer.ts";
import { checkOptions, share } from "./options.ts";

const schema = v.strictObject({ rate: share });

/**
 * While training, sets each number to 0 with probability `rate` and scales the others by 1/(1 − rate); otherwise does nothing.
 * Shapes: any → the same. Its random numbers come from the context, so that a compiled step takes them as inputs.
 *
 * @example
 * ```ts
 * const model = sequential(linear(8, 64), activation("silu"), dropout(0.1), linear(64, 1));
 * ```
 * @throws GmnmError for a rate outside [0, 1), and when training without random numbers in the context.
 */
export function dropout(rate: number): Layer<Record<string, never>> {
  const config = { ...checkOptions("dropout", schema, { rate }), type: "dropout" };
  return {
    config,
    init: () => ({}),
    apply(_, x, context) {
      if (!context?.training || rate === 0) return x;
      if (!context.uniform) throw new GmnmError("dropout needs context.uniform while training");
      const keep = np.greaterEqual(context.uniform(x.shape), rate);
      return np.where(keep, x.mul(1 / (1 - rate)), 0);
    },
  };
}
