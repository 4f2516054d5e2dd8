// D. S. Broomhead, D. Lowe, "Multivariable functional interpolation and adaptive networks", Complex Systems 2 (1988).
import * as v from "valibot";
import { MAX_COORDINATES } from "./coordinates.ts";
import { type GmnmParams, gmnm } from "./gmnm.ts";
import { expectFeatures, type Layer } from "./layer.ts";
import { checkOptions, count, interval, positive } from "./options.ts";

/** Options of {@link rbf}. */
export type RbfOptions = {
  /** Number of radial functions. Default 32. */
  numComponents?: number;
  /** Where the centres start, as in {@link gmnm}. Default "spaced" up to four input features; above "kMeans" of rows, else "random". */
  initializer?: "spaced" | "sampled" | "kMeans" | "random";
  /** Starting width, as in {@link gmnm}. Default 1. */
  width?: number;
  /** The box, [low, high] per feature, for "spaced". */
  domain?: [number, number][];
};

const schema = v.strictObject({
  inFeatures: count,
  outFeatures: count,
  numComponents: v.optional(count, 32),
  initializer: v.optional(v.picklist(["spaced", "sampled", "kMeans", "random"])),
  width: v.optional(positive, 1),
  domain: v.optional(v.array(interval)),
});

/**
 * Radial basis function network in its strongest common form: y = Σ_k w_k exp(−½ s_k² ‖x − μ_k‖²) + b with centres, widths and weights
 * all trained. It is a Gaussian mixture module whose covariances are isotropic, and runs as one.
 *
 * Shapes: (…, inFeatures) → (…, outFeatures).
 *
 * @example
 * ```ts
 * const layer = rbf(2, 1, { numComponents: 64, initializer: "spaced" });
 * ```
 */
export function rbf(inFeatures: number, outFeatures: number, options: RbfOptions = {}): Layer<GmnmParams> {
  const config = { ...checkOptions("rbf", schema, { ...options, inFeatures, outFeatures }), type: "rbf" };
  const { numComponents, width, domain } = config;
  const coordinates = inFeatures <= MAX_COORDINATES;
  const mixture = (initializer: RbfOptions["initializer"]) =>
    gmnm(inFeatures, outFeatures, {
      covariance: "isotropic",
      skip: false,
      numComponents,
      width,
      ...(domain && { domain }),
      initializer,
    });
  const { apply } = mixture("spaced");
  return {
    config,
    init: (random, sample) =>
      mixture(config.initializer ?? (coordinates ? "spaced" : sample ? "kMeans" : "random")).init(random, sample),
    apply(params, x) {
      expectFeatures("rbf", x, inFeatures);
      return apply(params, x);
    },
  };
}
