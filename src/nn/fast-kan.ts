// Z. Li, "Kolmogorov-Arnold Networks are Radial Basis Function Networks", arXiv:2405.06721: the B-splines of a KAN replaced by
// Gaussians on a fixed grid.
import { numpy as np } from "@jax-js/jax";
import * as v from "valibot";
import { toArray, zeros } from "../tensor.ts";
import { silu } from "./elementwise.ts";
import { expectFeatures, type Layer } from "./layer.ts";
import { type LayerNormParams, layerNorm } from "./layer-norm.ts";
import { checkOptions, count, interval } from "./options.ts";

/** Options of {@link fastKan}. */
export type FastKanOptions = {
  /** Gaussians per input feature. Default 8. */
  numGrids?: number;
  /** First and last grid point. Default [−2, 2]. */
  grid?: [number, number];
  /** Normalises the input first, as the paper does. Leave it out before few features: two normalised features are ±1. Default true. */
  layerNorm?: boolean;
};

/** Parameters of {@link fastKan}. */
export type FastKanParams = {
  /** (inFeatures, numGrids, outFeatures). */
  coefficients: np.Array;
  /** (inFeatures, outFeatures), after SiLU. */
  base: np.Array;
  /** (outFeatures). */
  bias: np.Array;
  norm?: LayerNormParams;
};

const schema = v.strictObject({
  inFeatures: count,
  outFeatures: count,
  numGrids: v.optional(v.pipe(count, v.minValue(2, "at least 2")), 8),
  grid: v.optional(interval, [-2, 2]),
  layerNorm: v.optional(v.boolean(), true),
});

/**
 * FastKAN layer: y_o = Σ_i Σ_g c_{i,g,o} exp(−((x_i − t_g)/h)²) + Σ_i w_{i,o} silu(x_i) + b_o on a fixed grid t of spacing h.
 *
 * Shapes: (…, inFeatures) → (…, outFeatures).
 *
 * @example
 * ```ts
 * const model = sequential(fastKan(2, 8, { layerNorm: false }), fastKan(8, 1));
 * ```
 */
export function fastKan(inFeatures: number, outFeatures: number, options: FastKanOptions = {}): Layer<FastKanParams> {
  const config = { ...checkOptions("fastKan", schema, { ...options, inFeatures, outFeatures }), type: "fastKan" };
  const { numGrids } = config;
  const [low, high] = config.grid;
  const spacing = (high - low) / (numGrids - 1);
  const norm = config.layerNorm ? layerNorm(inFeatures) : undefined;
  return {
    config,
    init: (random, sample) => ({
      coefficients: toArray(random.normal([inFeatures, numGrids, outFeatures], 0.1)),
      base: toArray(random.normal([inFeatures, outFeatures], 1 / Math.sqrt(inFeatures))),
      bias: toArray(zeros([outFeatures])),
      ...(norm && { norm: norm.init(random, sample) }),
    }),
    apply(params, x) {
      expectFeatures("fastKan", x, inFeatures);
      const base = np.matmul(silu(x.ref), params.base); // (…, outFeatures)
      const z = norm && params.norm ? norm.apply(params.norm, x) : x;
      const grid = np.linspace(low, high, numGrids); // (numGrids)
      const scaled = z
        .reshape([...z.shape, 1])
        .sub(grid)
        .mul(1 / spacing); // (…, inFeatures, numGrids)
      const lead = scaled.shape.slice(0, -2);
      const basis = np.exp(np.square(scaled).neg()).reshape([...lead, inFeatures * numGrids]);
      const spline = np.matmul(basis, params.coefficients.reshape([inFeatures * numGrids, outFeatures]));
      return spline.add(base).add(params.bias);
    },
  };
}
