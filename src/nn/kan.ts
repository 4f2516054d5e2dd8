// Z. Liu et al., "KAN: Kolmogorov-Arnold Networks", arXiv:2404.19756. Uniform cubic splines per feature in closed form (our choice): the
// usual recursion over knots computes the same basis for several times the cost.
import { nn, numpy as np } from "@jax-js/jax";
import * as v from "valibot";
import { leastSquares } from "../least-squares.ts";
import { type Tensor, tensor, toArray, toTensor } from "../tensor.ts";
import { boxOf } from "./centers.ts";
import { silu } from "./elementwise.ts";
import { expectFeatures, type Layer, sampleRows } from "./layer.ts";
import { checkOptions, count, interval } from "./options.ts";

/** Options of {@link kan}. */
export type KanOptions = {
  /** Intervals of the spline grid; each input feature has gridSize + 3 cubic B-splines. Default 5. */
  gridSize?: number;
  /** The grid's ends without a sample to take them from. Default [−1, 1]. */
  domain?: [number, number];
};

/** Parameters of {@link kan}. */
export type KanParams = {
  /** (inFeatures, gridSize + 3, outFeatures). */
  coefficients: np.Array;
  /** (inFeatures, outFeatures), after SiLU. */
  base: np.Array;
  /** grid: (2, inFeatures), the first and last grid point of each feature. */
  buffers: { grid: np.Array };
};

const DEGREE = 3;
const schema = v.strictObject({
  inFeatures: count,
  outFeatures: count,
  gridSize: v.optional(count, 5),
  domain: v.optional(interval, [-1, 1]),
});

/**
 * Kolmogorov-Arnold layer: y_o = Σ_i (w_{i,o} silu(x_i) + Σ_g c_{i,g,o} B_g(x_i)) with cubic B-splines B_g on a uniform grid per feature.
 * `adapt` stretches the grid to the inputs it sees and refits the coefficients, so that the function stays what it was.
 *
 * Shapes: (…, inFeatures) → (…, outFeatures).
 *
 * @example
 * ```ts
 * const model = sequential(kan(2, 5, { gridSize: 10 }), kan(5, 1, { gridSize: 10 }));
 * ```
 */
export function kan(inFeatures: number, outFeatures: number, options: KanOptions = {}): Layer<KanParams> {
  const config = { ...checkOptions("kan", schema, { ...options, inFeatures, outFeatures }), type: "kan" };
  const { gridSize } = config;
  const numBases = gridSize + DEGREE;
  return {
    config,
    init(random, sample) {
      const rows = sample && sampleRows("kan", sample, inFeatures);
      return {
        coefficients: toArray(random.normal([inFeatures, numBases, outFeatures], 0.1 / Math.sqrt(inFeatures))),
        base: toArray(random.normal([inFeatures, outFeatures], 1 / Math.sqrt(inFeatures))),
        buffers: { grid: toArray(gridOver(rows, inFeatures, config.domain)) },
      };
    },
    apply({ coefficients, base, buffers }, x) {
      expectFeatures("kan", x, inFeatures);
      const lead = x.shape.slice(0, -1);
      const smooth = np.matmul(silu(x.ref), base); // (…, outFeatures)
      const basis = cubicBSplines(x, buffers.grid, gridSize).reshape([...lead, inFeatures * numBases]);
      return np.matmul(basis, coefficients.reshape([inFeatures * numBases, outFeatures])).add(smooth);
    },
    adapt({ coefficients, base, buffers }, sample) {
      const rows = sampleRows("kan", sample, inFeatures);
      const grid = gridOver(rows, inFeatures, config.domain);
      const fitted = refit(toTensor(coefficients), rows, toTensor(buffers.grid), grid, gridSize);
      return { coefficients: toArray(fitted), base, buffers: { grid: toArray(grid) } };
    },
  };
}

/**
 * Every cubic B-spline of a uniform grid at every input: (…, features) and grid (2, features) → (…, features, gridSize + 3).
 * The spline centred on t is ((2 − |u|)₊³ − 4 (1 − |u|)₊³) / 6 with u = (x − t)/h; centres run from one spacing before the grid to one after.
 */
export function cubicBSplines(x: np.Array, grid: np.Array, gridSize: number): np.Array {
  const [low, high] = [grid.ref.slice([0, 1]), grid.slice([1, 2])]; // (1, features)
  const spacing = high.sub(low.ref).mul(1 / gridSize); // (1, features)
  const position = x.sub(low.reshape([-1])).div(spacing.reshape([-1])); // (…, features), in spacings from the grid's start
  const index = np.arange(-1, gridSize + 2).astype(np.float32); // (gridSize + 3)
  const distance = np.abs(position.reshape([...position.shape, 1]).sub(index));
  const cube = (reach: number, u: np.Array) => {
    const inside = nn.relu(u.neg().add(reach));
    return np.square(inside.ref).mul(inside);
  };
  return cube(2, distance.ref)
    .sub(cube(1, distance).mul(4))
    .mul(1 / 6);
}

/** (2, features): the sample's box, or the domain for every feature. */
function gridOver(sample: Tensor | undefined, features: number, domain: [number, number]): Tensor {
  const box = sample ? boxOf(sample) : Array.from({ length: features }, () => domain);
  return tensor([...box.map(([low]) => low), ...box.map(([, high]) => high)], [2, features]);
}

/** Coefficients on a new grid whose splines come closest to the old ones on the sample, feature by feature. */
function refit(coefficients: Tensor, sample: Tensor, from: Tensor, to: Tensor, gridSize: number): Tensor {
  const [features, numBases, outFeatures] = coefficients.shape;
  const rows = sample.shape[0];
  const basisOn = (grid: Tensor) => toTensor(cubicBSplines(toArray(sample), toArray(grid), gridSize)); // (rows, features, numBases)
  const [before, after] = [basisOn(from), basisOn(to)];
  const data = new Float32Array(coefficients.data.length);
  for (let j = 0; j < features; j++) {
    const design = new Float64Array(rows * numBases);
    const target = new Float64Array(rows * outFeatures);
    for (let i = 0; i < rows; i++) {
      for (let g = 0; g < numBases; g++) {
        design[i * numBases + g] = after.data[(i * features + j) * numBases + g];
        const weight = before.data[(i * features + j) * numBases + g];
        for (let o = 0; o < outFeatures; o++) {
          target[i * outFeatures + o] += weight * coefficients.data[(j * numBases + g) * outFeatures + o];
        }
      }
    }
    // A spline without rows under it would have any coefficient; the ridge sends it to 0.
    data.set(leastSquares(design, target, rows, { ridge: 1e-6 }), j * numBases * outFeatures);
  }
  return { data, shape: coefficients.shape };
}
