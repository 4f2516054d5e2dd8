// W. Lu, G. Yuan, H. Zhang, S. Li, "Rethinking Nonlinearity: Trainable Gaussian Mixture Modules for Modern Neural Architectures",
// arXiv:2510.06660. The definition is the paper's; covariance, centers, skip, partitionOfUnity and the initialisers are our choice.
import { numpy as np } from "@jax-js/jax";
import * as v from "valibot";
import { sizeOf } from "../tensor.ts";
import { checkDomain } from "./centers.ts";
import { MAX_COORDINATES } from "./coordinates.ts";
import { isTracedByCompiler } from "./derivative.ts";
import { initializeGmnm } from "./gmnm-init.ts";
import { expectFeatures, type Layer } from "./layer.ts";
import { checkOptions, count, interval, positive } from "./options.ts";
import { softmax } from "./softmax.ts";

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

type Gaussians = Pick<GmnmParams, "centers" | "offsets" | "projections">;

/** y_k² of every component: (…, inFeatures) → (…, m). Never a square root: it has no gradient at 0. */
function squaredDistance(
  { aggregate, covariance, inFeatures }: GmnmConfig,
  gaussians: Gaussians,
  x: np.Array,
): np.Array {
  const { centers, projections } = gaussians;
  if (centers && aggregate === "norm" && inFeatures > MAX_COORDINATES) {
    if (covariance === "isotropic") return radialDistance(centers, projections, x);
    if (covariance === "diagonal") return axisDistance(centers, projections, x);
  }
  if (covariance === "full" || covariance === "lowRank") return projectedDistance(aggregate, gaussians, x);
  if (aggregate === "norm" && inFeatures <= MAX_COORDINATES && isTracedByCompiler()) {
    const matrices = np.eye(inFeatures).reshape([inFeatures, inFeatures, 1]).mul(projections); // (d, d, m)
    return projectedDistance(aggregate, { ...gaussians, projections: matrices }, x);
  }
  const y = stretch(gaussians, x); // (…, d, m)
  return aggregate === "norm" ? np.square(y).sum(-2) : np.square(y.sum(-2));
}

/** y_k² by the projections P_k (x − μ_k) of all components: (…, d) → (…, m). */
function projectedDistance(
  aggregate: GmnmConfig["aggregate"],
  { centers, offsets, projections }: Gaussians,
  x: np.Array,
): np.Array {
  const [d, r, m] = projections.shape;
  const lead = x.shape.slice(0, -1);
  const shift = centers ? projections.ref.mul(centers.transpose().reshape([d, 1, m])).sum(0) : offsets!; // (r, m)
  // The sum of projections is one projection.
  if (aggregate === "sum") return np.square(np.matmul(x, projections.sum(1)).sub(shift.sum(0)));
  if (r <= MOST_PRODUCTS && isTracedByCompiler()) {
    const all = np.concatenate([projections, np.negative(shift).reshape([1, r, m])], 0); // (d + 1, r, m)
    const rows = np.concatenate([x.reshape([-1, d]), np.ones([sizeOf(lead), 1])], 1); // (rows, d + 1)
    const y = np.split(all, r, 1).map((one) => np.matmul(rows.ref, one.reshape([d + 1, m]))); // (rows, m) each
    rows.dispose();
    const squares = y.map((one) => np.square(one));
    return squares.reduce((a, b) => a.add(b)).reshape([...lead, m]);
  }
  const product = np.matmul(x, projections.reshape([d, r * m])); // (…, r·m)
  const y = product.sub(shift.reshape([r * m])).reshape([...lead, r, m]);
  return np.square(y).sum(-2);
}

/**
 * Projections up to which the compiler gets one product for each, and the shift as the row of a feature that is always 1: every pass is over whole
 * arrays, where sums over r blocks of m numbers in each row are slow. A step of 10,000 rows, 2 features and 64 components takes 0.43 of its
 * time; one of 1024 rows, 64 features and 256 components 0.8 with rank 4, 0.72 with 5, 0.82 with 8 and 0.88 with 16. More take longer to compile.
 */
const MOST_PRODUCTS = 16;

/** s_k ⊙ (x − μ_k) for diagonal (d, m) and isotropic (m) scales: (…, d) → (…, d, m). */
function stretch({ centers, offsets, projections }: Gaussians, x: np.Array): np.Array {
  const column = x.reshape([...x.shape, 1]); // (…, d, 1)
  return centers ? column.sub(centers.transpose()).mul(projections) : column.mul(projections).sub(offsets!);
}

/**
 * s_k² ‖x − μ_k‖² as s_k² (‖x‖² + ‖μ_k‖² − 2 x·μ_k): one matrix product in place of d differences per component, (…, d) → (…, m).
 * What cancels is small beside the distances between standardised features; between coordinates packed closely it would not be.
 */
function radialDistance(centers: np.Array, scales: np.Array, x: np.Array): np.Array {
  const product = np.matmul(x.ref, centers.ref.transpose()); // (…, m)
  const squares = np.square(x).sum(-1, { keepdims: true }); // (…, 1)
  return squares.add(np.square(centers).sum(-1)).sub(product.mul(2)).mul(np.square(scales));
}

/**
 * Σ_j s_jk² (x_j − μ_kj)² as x² · s² − 2 x · s²μ + Σ_j s_jk² μ_kj²: two matrix products in place of d differences per component,
 * (…, d) → (…, m). Four to five times faster; about the cancellation see {@link radialDistance}.
 */
function axisDistance(centers: np.Array, scales: np.Array, x: np.Array): np.Array {
  const middle = centers.transpose(); // (d, m)
  const precision = np.square(scales); // (d, m)
  const pull = precision.ref.mul(middle.ref); // (d, m)
  const constant = pull.ref.mul(middle).sum(0); // (m)
  const squares = np.matmul(np.square(x.ref), precision); // (…, m)
  return squares.sub(np.matmul(x, pull).mul(2)).add(constant);
}
