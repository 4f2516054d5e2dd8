// The one-dimensional case of the module, learnt per channel; the linear path and the start on a known activation are our choice.
import { numpy as np } from "@jax-js/jax";
import * as v from "valibot";
import { leastSquares } from "../least-squares.ts";
import { type Tensor, toArray } from "../tensor.ts";
import { expectFeatures, type Layer } from "./layer.ts";
import { checkOptions, count, positive } from "./options.ts";

/** Options of {@link gaussianMixtureActivation}. */
export type GaussianMixtureActivationOptions = {
  /** Gaussians per channel. Default 8. */
  numComponents?: number;
  /** The activation it starts as. Default "silu". */
  resemble?: keyof typeof TARGETS;
  /** Gaussians start spread over [−range, range]. Default 4. */
  range?: number;
};

/** Parameters of {@link gaussianMixtureActivation}; the component axis lies outside the channels. */
export type GaussianMixtureActivationParams = {
  /** (components, channels) μ. */
  centers: np.Array;
  /** (components, channels) s, the inverse widths. */
  scales: np.Array;
  /** (components, channels) π. */
  weights: np.Array;
  /** (channels): the linear path, which keeps a gradient far from every Gaussian. */
  slope: np.Array;
  /** (channels). */
  bias: np.Array;
};

const TARGETS = {
  silu: (x: number) => x / (1 + Math.exp(-x)),
  relu: (x: number) => Math.max(0, x),
  gelu: (x: number) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
  tanh: Math.tanh,
  sigmoid: (x: number) => 1 / (1 + Math.exp(-x)),
  identity: (x: number) => x,
};

const schema = v.strictObject({
  channels: count,
  numComponents: v.optional(count, 8),
  resemble: v.optional(v.picklist(Object.keys(TARGETS) as (keyof typeof TARGETS)[]), "silu"),
  range: v.optional(positive, 4),
});

/**
 * A learnt activation per channel: a(x) = Σ_k π_k exp(−½ s_k² (x − μ_k)²) + slope·x + bias. A drop-in for ReLU that starts where the
 * baseline starts: its parameters are fitted to the activation it resembles by least squares.
 *
 * Shapes: (…, channels) → (…, channels).
 *
 * @example
 * ```ts
 * const model = sequential(linear(8, 32), gaussianMixtureActivation(32), linear(32, 1));
 * ```
 */
export function gaussianMixtureActivation(
  channels: number,
  options: GaussianMixtureActivationOptions = {},
): Layer<GaussianMixtureActivationParams> {
  const checked = checkOptions("gaussianMixtureActivation", schema, { ...options, channels });
  const config = { ...checked, type: "gaussianMixtureActivation" };
  return {
    config,
    init() {
      const start = resembling(config);
      const perChannel = (values: ArrayLike<number>): Tensor => ({
        data: Float32Array.from({ length: values.length * channels }, (_, i) => values[Math.floor(i / channels)]),
        shape: [values.length, channels],
      });
      const vector = (value: number) => toArray({ data: new Float32Array(channels).fill(value), shape: [channels] });
      return {
        centers: toArray(perChannel(start.centers)),
        scales: toArray(perChannel(start.scales)),
        weights: toArray(perChannel(start.weights)),
        slope: vector(start.slope),
        bias: vector(start.bias),
      };
    },
    apply({ centers, scales, weights, slope, bias }, x) {
      expectFeatures("gaussianMixtureActivation", x, channels);
      const { shape } = x;
      const rows = x.reshape([x.size / channels, channels]); // (rows, channels)
      // Components outermost: each works on all numbers, one after another.
      const perComponent = (p: np.Array) => p.reshape([config.numComponents, 1, channels]);
      const z = rows.ref.sub(perComponent(centers)).mul(perComponent(scales)); // (m, rows, channels)
      const mixture = np.exp(np.square(z).mul(-0.5)).mul(perComponent(weights)).sum(0); // (rows, channels)
      return mixture.add(rows.mul(slope)).add(bias).reshape(shape);
    },
  };
}

/** One channel's parameters, fitted to the activation on a dense grid. */
function resembling(config: { numComponents: number; resemble: keyof typeof TARGETS; range: number }) {
  const { numComponents: m, range } = config;
  const spacing = m > 1 ? (2 * range) / (m - 1) : 2 * range;
  const centers = Array.from({ length: m }, (_, k) => (m > 1 ? -range + k * spacing : 0));
  const points = Array.from({ length: 401 }, (_, i) => -1.25 * range + (2.5 * range * i) / 400);
  const design = points.flatMap((x) => [...centers.map((c) => Math.exp(-0.5 * ((x - c) / spacing) ** 2)), x, 1]);
  const solution = leastSquares(design, points.map(TARGETS[config.resemble]), points.length, { ridge: 1e-6 });
  return {
    centers,
    scales: centers.map(() => 1 / spacing),
    weights: solution.subarray(0, m),
    slope: solution[m],
    bias: solution[m + 1],
  };
}
