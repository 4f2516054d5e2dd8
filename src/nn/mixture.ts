// A mixture as a list of components: how strongly each is active, and the mixture of some of them.
import { placeParams } from "../params.ts";
import { type Tensor, takeRows, toArray, toTensor, zeros } from "../tensor.ts";
import { type GmnmConfig, type GmnmParams, gmnm } from "./gmnm.ts";
import type { LayerConfig } from "./layer.ts";

/** The parameters of a `gmnm` or `rbf` layer in ordinary memory; see {@link GmnmParams} for their shapes. */
export type MixtureParams = Readonly<Record<string, Tensor>>;

/** True for the configs of layers that are a mixture: `gmnm`, and `rbf`, which runs as one. */
export const isMixture = ({ type }: LayerConfig): boolean => type === "gmnm" || type === "rbf";

/**
 * The activations f_k(x) of all components: rows (rows, inFeatures) → (rows, components). They are computed by the layer itself, with
 * the unit matrix for weights. With a partition of unity they are shares; `normalized: false` gives the Gaussians themselves.
 */
export function activationsOf(
  config: LayerConfig,
  params: MixtureParams,
  rows: Tensor,
  { normalized = true } = {},
): Tensor {
  const { weights, bias, skip, ...gaussians } = params;
  const m = weights.shape[0];
  const unit = zeros([m, m]);
  for (let k = 0; k < m; k++) unit.data[k * m + k] = 1;
  const { aggregate, covariance, rank, centers, partitionOfUnity } = config as GmnmConfig;
  const layer = gmnm(Number(config.inFeatures), m, {
    ...(config.type === "rbf" ? { covariance: "isotropic" } : { aggregate, covariance, rank, centers }),
    partitionOfUnity: normalized && partitionOfUnity,
    numComponents: m,
    bias: false,
    skip: false,
  });
  const placed = placeParams({ ...gaussians, weights: unit }) as GmnmParams;
  return toTensor(layer.apply(placed, toArray(rows)));
}

/** The parameters of the mixture of some components, in the given order; bias and linear path stay. */
export function takeComponents(params: MixtureParams, components: ArrayLike<number>): MixtureParams {
  const taken: Record<string, Tensor> = { ...params };
  for (const name of ["centers", "weights"]) if (params[name]) taken[name] = takeRows(params[name], components);
  for (const name of ["offsets", "projections"]) {
    if (params[name]) taken[name] = takeColumns(params[name], components);
  }
  return taken;
}

/** The same places of every row along the last axis: (…, n) → (…, columns.length). */
function takeColumns({ data, shape }: Tensor, columns: ArrayLike<number>): Tensor {
  const n = shape[shape.length - 1];
  const taken = zeros([...shape.slice(0, -1), columns.length]);
  for (let i = 0; i < taken.data.length; i++) {
    taken.data[i] = data[Math.floor(i / columns.length) * n + columns[i % columns.length]];
  }
  return taken;
}
