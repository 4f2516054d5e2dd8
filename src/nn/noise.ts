// G. E. P. Box, M. E. Muller, "A note on the generation of random normal deviates", Annals of Mathematical Statistics 29 (1958).
import { numpy as np } from "@jax-js/jax";
import { GmnmError } from "../errors.ts";
import type { Context } from "./layer.ts";

/** Below this a uniform number counts as this: log 0 is infinite. No normal number leaves ±5.3 for it. */
const LEAST = 1e-6;

/**
 * Standard normal numbers of a shape, made of the context's uniform ones as √(−2 ln u) cos 2πv: those are what `fit` and `minimize` feed to a
 * compiled step.
 *
 * @throws GmnmError when the context has no random numbers; `owner` names what asked for them.
 */
export function standardNormal(owner: string, { uniform }: Context, shape: number[]): np.Array {
  if (!uniform) throw new GmnmError(`${owner} needs a context with random numbers (uniform)`);
  const radius = np.sqrt(np.log(np.maximum(uniform(shape), LEAST)).mul(-2));
  return radius.mul(np.cos(uniform(shape).mul(2 * Math.PI)));
}
