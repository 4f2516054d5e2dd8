// How far a point lies from each Gaussian of a mixture, in widths of that Gaussian.
import { numpy as np } from "@jax-js/jax";
import { sizeOf } from "../tensor.ts";
import { MAX_COORDINATES } from "./coordinates.ts";
import type { GmnmConfig, GmnmParams } from "./gmnm.ts";
import { isTracedByCompiler } from "./tracing.ts";

type Gaussians = Pick<GmnmParams, "centers" | "offsets" | "projections">;

/** y_k² of every component: (…, inFeatures) → (…, m). Never a square root: it has no gradient at 0. */
export function squaredDistance(
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
    // Scales are diagonal matrices.
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
