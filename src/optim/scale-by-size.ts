import { numpy as np } from "@jax-js/jax";
import { MAX_COORDINATES } from "../nn/coordinates.ts";
import type { Params } from "../nn/layer.ts";
import { mapParams } from "../params.ts";
import { stateless, type Transform } from "./transform.ts";

/**
 * Lengthens the steps of large numbers: multiplies the updates of the arrays (…, m) for which `relative(path)` holds by the root mean square of
 * the parameters over all axes but the last, where it is above 1. A step then changes the projections of a narrow Gaussian by a share of
 * their size. Vectors are left alone: round Gaussians, which have one width each, did worse. Akin to LAMB (arXiv:1904.00962), which scales
 * whole arrays and divides by the update's size, too. Our choice.
 *
 * @example
 * ```ts
 * const transform = chain(scaleByAdam(), scaleBySize(isProjection));
 * ```
 */
export function scaleBySize(relative: (path: string) => boolean): Transform {
  return {
    init: stateless,
    update(updates, state, params) {
      const factors = new Map<string, np.Array>();
      mapParams(params, (p, path) => (p.ndim > 1 && relative(path) ? factors.set(path, factorOf(p)) : p.dispose()));
      return [mapParams(updates, (u, path) => (factors.has(path) ? u.mul(factors.get(path)!) : u)) as Params, state];
    },
  };
}

/** (…, m) → (m). Not below 1, for steps of small numbers need to be no smaller than Adam's: standardised tables did worse with them. */
const factorOf = (p: np.Array): np.Array => {
  const columns = p.reshape([-1, p.shape.at(-1)!]);
  return np.maximum(np.sqrt(np.square(columns).mean(0)), 1);
};

/**
 * Whether an array holds projections P_k, inverse widths of Gaussians. To become ten times as narrow, from 0.3 to 0.03, takes a Gaussian a thousand
 * steps of 0.03, and eighty of a share of 0.03 of its size.
 */
export const isProjection = (path: string): boolean => path.slice(path.lastIndexOf(".") + 1) === "projections";

/** What takes relative steps where inputs have so many features: over many, mixtures are none the better for it, and on pixels worse. Our choice. */
export const relativeOver = (features: number): typeof isProjection | undefined =>
  features <= MAX_COORDINATES ? isProjection : undefined;
