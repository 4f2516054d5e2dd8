import { GmnmError } from "../errors.ts";
import { leastSquares } from "../least-squares.ts";
import type { ParamTensors } from "../params.ts";
import { showShape, type Tensor } from "../tensor.ts";
import type { GmnmConfig } from "./gmnm.ts";
import type { LayerConfig } from "./layer.ts";

/** One Gaussian of a mixture, in the terms of its definition: weight · exp(−½ (x − center)ᵀ precision (x − center)). */
export type ComponentDescription = {
  /** (inFeatures) μ. With `centers: "projected"` the point nearest to 0 of all that serve. */
  center: number[];
  /** (inFeatures, inFeatures) PᵀP, the inverse covariance; computed when asked for, as it is large where features are many. */
  readonly precision: number[][];
  /** (outFeatures) π. */
  weight: number[];
  /** Mean activation over the sample. */
  meanActivation?: number;
  /** True when no row of the sample activates it: it takes no part, and gets no gradient either. */
  dead?: boolean;
};

/** A component is dead when its activation stays below this on every row. */
export const DEAD = 1e-3;

/**
 * The Gaussians of a trained `gmnm` or `rbf` layer, to draw, prune or inspect.
 *
 * @param config - the layer's config.
 * @param params - its parameters.
 * @param sample - rows (rows, inFeatures) on which to measure activations.
 *
 * @example
 * ```ts
 * const idle = describeComponents(model.layer.config, model.params, x).filter((component) => component.dead);
 * ```
 * @throws GmnmError for a layer of another type, and for a sample of the wrong shape.
 */
export function describeComponents(config: LayerConfig, params: ParamTensors, sample?: Tensor): ComponentDescription[] {
  if (config.type !== "gmnm" && config.type !== "rbf") {
    throw new GmnmError(`a layer of type ${config.type} has no Gaussian components; gmnm and rbf have`);
  }
  const { numComponents, outFeatures, inFeatures } = config as GmnmConfig;
  const tensors = params as Record<string, Tensor>;
  const maps = Array.from({ length: numComponents }, (_, k) => affineMap(config as GmnmConfig, tensors, k));
  const components = maps.map(
    (map, k): ComponentDescription => ({
      center: map.center ?? solve(map, inFeatures),
      get precision() {
        return precisionOf(map, inFeatures);
      },
      weight: [...tensors.weights.data.subarray(k * outFeatures, (k + 1) * outFeatures)],
    }),
  );
  if (!sample) return components;
  if (sample.shape.length !== 2 || sample.shape[1] !== inFeatures) {
    throw new GmnmError(
      `describeComponents expected a sample of shape (rows, ${inFeatures}), got ${showShape(sample.shape)}`,
    );
  }
  const { mean, max } = activations(config as GmnmConfig, params, sample);
  return components.map((component, k) => Object.assign(component, { meanActivation: mean[k], dead: max[k] < DEAD }));
}

/** What a component computes before it squares, y = P x − P μ. A diagonal P is held as the one row of its diagonal. */
type AffineMap = { rows: number[][]; diagonal: boolean; offsets: number[]; center?: number[] };

/** Component k's P from the layouts of {@link GmnmParams}: (d, rank, m), (d, m) or (m). */
function affineMap(
  config: GmnmConfig,
  { projections, centers, offsets }: Record<string, Tensor>,
  k: number,
): AffineMap {
  const { inFeatures: d, numComponents: m, aggregate } = config;
  const { data, shape } = projections;
  const diagonal = shape.length < 3;
  const entry = (r: number, j: number) =>
    diagonal ? data[shape.length === 2 ? j * m + k : k] : data[(j * shape[1] + r) * m + k];
  const rows = Array.from({ length: diagonal ? 1 : shape[1] }, (_, r) =>
    Array.from({ length: d }, (_, j) => entry(r, j)),
  );
  const map: AffineMap = { rows, diagonal, offsets: [] };
  if (centers) map.center = [...centers.data.subarray(k * d, (k + 1) * d)];
  map.offsets = map.center
    ? project({ ...map, offsets: [] }, map.center)
    : Array.from({ length: diagonal ? d : rows.length }, (_, r) => offsets.data[r * m + k]);
  if (aggregate === "norm" || aggregate === undefined) return map;
  // "sum" squares the sum of the projections: one projection, their sum.
  const total = Array.from({ length: d }, (_, j) => rows.reduce((sum, row) => sum + row[j], 0));
  return { ...map, rows: [total], diagonal: false, offsets: [map.offsets.reduce((sum, offset) => sum + offset, 0)] };
}

/** y = P x − P μ. */
function project({ rows, diagonal, offsets }: AffineMap, x: ArrayLike<number>): number[] {
  if (diagonal) return rows[0].map((scale, j) => scale * x[j] - (offsets[j] ?? 0));
  return rows.map((row, r) => {
    let y = -(offsets[r] ?? 0);
    for (let j = 0; j < row.length; j++) y += row[j] * x[j];
    return y;
  });
}

/** The least of the μ with P μ = offsets. */
function solve({ rows, diagonal, offsets }: AffineMap, d: number): number[] {
  if (diagonal) return rows[0].map((scale, j) => (scale === 0 ? 0 : offsets[j] / scale));
  return [...leastSquares(rows.flat(), offsets, rows.length, { columns: d, outputs: 1, ridge: 1e-8 })];
}

function precisionOf({ rows, diagonal }: AffineMap, d: number): number[][] {
  const entry = (i: number, j: number) => rows.reduce((sum, row) => sum + row[i] * row[j], 0);
  return Array.from({ length: d }, (_, i) =>
    Array.from({ length: d }, (_, j) => (diagonal && i !== j ? 0 : entry(i, j))),
  );
}

/**
 * y_k² = ‖P_k (x − μ_k)‖² of every row and component: how many widths away each Gaussian is, squared. In float64 and without exp, so that rows which
 * no Gaussian reaches can still be told apart. One row after the other, for of many rows all would not fit into memory.
 *
 * @param x (rows, inFeatures).
 * @returns for every row the squares of all components.
 */
export function* squaredDistances(
  config: LayerConfig,
  params: ParamTensors,
  { data, shape: [rows, d] }: Tensor,
): Generator<Float64Array> {
  const maps = Array.from({ length: Number(config.numComponents) }, (_, k) =>
    affineMap(config as GmnmConfig, params as Record<string, Tensor>, k),
  );
  for (let i = 0; i < rows; i++) yield squaresOf(maps, data.subarray(i * d, (i + 1) * d));
}

/** A function of its own, for V8 makes little of loops within generators. */
function squaresOf(maps: readonly AffineMap[], x: Float32Array): Float64Array {
  const squares = new Float64Array(maps.length);
  for (let k = 0; k < maps.length; k++) for (const y of project(maps[k], x)) squares[k] += y * y;
  return squares;
}

/** Mean and largest activation of every component over the rows. */
function activations(config: GmnmConfig, params: ParamTensors, sample: Tensor) {
  const { numComponents: m, partitionOfUnity } = config;
  const [rows] = sample.shape;
  const mean = new Float64Array(m);
  const max = new Float64Array(m);
  for (const squares of squaredDistances(config, params, sample)) {
    const exponents = squares.map((squared) => -0.5 * squared);
    // With a partition of unity a component's activation is its share, taken in the log domain as in the layer.
    const top = partitionOfUnity ? Math.max(...exponents) : 0;
    const f = exponents.map((exponent) => Math.exp(exponent - top));
    const total = partitionOfUnity ? f.reduce((sum, value) => sum + value, 0) : 1;
    for (let k = 0; k < m; k++) {
      mean[k] += f[k] / total / rows;
      max[k] = Math.max(max[k], f[k] / total);
    }
  }
  return { mean, max };
}
