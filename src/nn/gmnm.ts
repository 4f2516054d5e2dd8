// W. Lu, G. Yuan, H. Zhang, S. Li, "Rethinking Nonlinearity: Trainable Gaussian Mixture Modules for Modern Neural Architectures",
// arXiv:2510.06660. The definition is the paper's; covariance, centers, skip, partitionOfUnity and the initialisers are our choice.
import { numpy as np } from "@jax-js/jax";
import * as v from "valibot";
import { checkDomain } from "./centers.ts";
import { MAX_COORDINATES } from "./coordinates.ts";
import { initializeGmnm } from "./gmnm-init.ts";
import { expectFeatures, type Layer } from "./layer.ts";
import { checkOptions, count, interval, positive } from "./options.ts";
import { softmax } from "./softmax.ts";
import { squaredDistance } from "./squared-distance.ts";

/** Options of {@link gmnm}. */
export type GmnmOptions = {
  /** Number m of Gaussians. Default 32. On wasm a multiple of 4 is up to twice as fast as its neighbours. */
  numComponents?: number;
  /** How the r projections of one Gaussian become one number: "norm" y² = Σ_j (p_j·z)², "sum" y = Σ_j p_j·z. Default "norm". */
  aggregate?: "norm" | "sum";
  /** Shape of one Gaussian. Default "full" up to four input features, above that "lowRank". */
  covariance?: "full" | "lowRank" | "diagonal" | "isotropic";
  /** Rank r of "lowRank". Default 2. */
  rank?: number;
  /** "explicit" learns μ_k; "projected" learns P_k μ_k, with fewer parameters when r < inFeatures. Default "explicit". */
  centers?: "explicit" | "projected";
  /** Adds a learnt constant to each output. Default true. */
  bias?: boolean;
  /** Adds a learnt linear path x ↦ xA. Default false up to four input features, above that true. */
  skip?: boolean;
  /** Divides the weighted sum of Gaussians by their sum. Default false. */
  partitionOfUnity?: boolean;
  /**
   * Where the centres start: "spaced" evenly over the box (Sobol points), on "sampled" rows, at the "kMeans" of rows, or "random" for
   * standardised features. Default "spaced" up to four input features; above that "sampled" where rows are given, else "random".
   */
  initializer?: "spaced" | "sampled" | "kMeans" | "random";
  /** Starting width of a Gaussian: in spacings of the centres for "spaced" and "kMeans", else in typical distances of rows. Default 1.25. */
  width?: number;
  /**
   * Starting size of the weights: their standard deviation is weightScale/√m. Default 0.1, which suits a last layer. A layer that feeds
   * another needs about 3, so that its outputs spread and the next layer's Gaussians do not start as needles.
   */
  weightScale?: number;
  /** The box, [low, high] per feature, for "spaced"; default the sample's, and [−1, 1] without a sample. */
  domain?: [number, number][];
};

/** Parameters of {@link gmnm}. The rank axis lies outside the component axis, so the sum over it adds contiguous blocks. */
export type GmnmParams = {
  /** (components, inFeatures) μ_k, with `centers: "explicit"`. */
  centers?: np.Array;
  /** (rank, components) P_k μ_k, with `centers: "projected"`; for "diagonal" and "isotropic" the rank is inFeatures. */
  offsets?: np.Array;
  /** (inFeatures, rank, components) for "full" and "lowRank", (inFeatures, components) "diagonal", (components) "isotropic". */
  projections: np.Array;
  /** (components, outFeatures) π. */
  weights: np.Array;
  /** (outFeatures). */
  bias?: np.Array;
  /** (inFeatures, outFeatures) A. */
  skip?: np.Array;
};

const schema = v.strictObject({
  inFeatures: count,
  outFeatures: count,
  numComponents: v.optional(count, 32),
  aggregate: v.optional(v.picklist(["norm", "sum"]), "norm"),
  covariance: v.optional(v.picklist(["full", "lowRank", "diagonal", "isotropic"])),
  rank: v.optional(count, 2),
  centers: v.optional(v.picklist(["explicit", "projected"]), "explicit"),
  bias: v.optional(v.boolean(), true),
  skip: v.optional(v.boolean()),
  partitionOfUnity: v.optional(v.boolean(), false),
  initializer: v.optional(v.picklist(["spaced", "sampled", "kMeans", "random"])),
  width: v.optional(positive, 1.25),
  weightScale: v.optional(positive, 0.1),
  domain: v.optional(v.array(interval)),
});

/** Options of a gmnm layer with every default resolved. */
export type GmnmConfig = ReturnType<typeof resolve>;

function resolve(inFeatures: number, outFeatures: number, options: GmnmOptions) {
  const checked = checkOptions("gmnm", schema, { ...options, inFeatures, outFeatures });
  checkDomain("gmnm", checked.domain, inFeatures);
  const coordinates = inFeatures <= MAX_COORDINATES;
  return {
    ...checked,
    type: "gmnm",
    covariance: checked.covariance ?? (coordinates ? "full" : "lowRank"),
    skip: checked.skip ?? !coordinates,
  };
}

/**
 * Gaussian mixture-inspired nonlinear module: G(x)_o = Σ_k π_{k,o} exp(−½ y_k²) with y_k² = ‖P_k (x − μ_k)‖² [+ xA + b].
 *
 * Shapes: (…, inFeatures) → (…, outFeatures).
 *
 * @example
 * ```ts
 * const layer = gmnm(2, 1, { numComponents: 64 });
 * const { model } = await fit(layer, { x, y }, { epochs: 500 });
 * ```
 * @throws GmnmError for an unknown option or one out of range, and for an x whose last axis is not inFeatures long.
 */
export function gmnm(inFeatures: number, outFeatures: number, options: GmnmOptions = {}): Layer<GmnmParams> {
  const config = resolve(inFeatures, outFeatures, options);
  return {
    config,
    init: (random, sample) => initializeGmnm(config, random, sample),
    apply(params, x) {
      expectFeatures("gmnm", x, inFeatures);
      const { weights, bias, skip, ...gaussians } = params;
      const linear = skip && np.matmul(x.ref, skip); // (…, outFeatures)
      const exponent = squaredDistance(config, gaussians, x).mul(-0.5); // (…, m)
      // Normalised in the log domain, a point far from every Gaussian keeps its nearest instead of dividing 0 by 0.
      const f = config.partitionOfUnity ? softmax(exponent) : np.exp(exponent); // (…, m)
      let y = np.matmul(f, weights); // (…, outFeatures)
      if (bias) y = y.add(bias);
      return linear ? y.add(linear) : y;
    },
  };
}
