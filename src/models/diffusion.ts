// J. Ho, A. Jain, P. Abbeel, "Denoising diffusion probabilistic models", arXiv:2006.11239; the cosine schedule is that of A. Nichol,
// P. Dhariwal, arXiv:2102.09672. The network says what x₀ is, not what the noise is: a perceptron narrower than its input cannot pass the
// noise on. Its loss is weighted as in T. Hang et al., arXiv:2303.09556 (min-SNR-5).
import { numpy as np, tree } from "@jax-js/jax";
import * as v from "valibot";
import { compileFunction } from "../compile/compile.ts";
import type { Executor } from "../compile/executor.ts";
import { GmnmError } from "../errors.ts";
import type { AnyLayer, Context, Params } from "../nn/layer.ts";
import { standardNormal } from "../nn/noise.ts";
import { checkOptions, count } from "../nn/options.ts";
import type { ParamTensors } from "../params.ts";
import type { Random } from "../random.ts";
import { sizeOf, type Tensor, tensor, toArray, toTensor, zeros } from "../tensor.ts";
import { type MlpOptions, mlp } from "./mlp.ts";

/** Options of {@link diffusion}. */
export type DiffusionOptions = {
  /** Widths of the network between its input and its output. Default [128, 128]. */
  hidden?: readonly number[];
  /** Its nonlinearity, as in {@link mlp}. Default "relu". */
  nonlinearity?: MlpOptions["nonlinearity"];
  /** Numbers that tell the network the time, half of them sines, half cosines. Default 16. */
  timeFeatures?: number;
  /** A network in place of a perceptron: (batch, features + timeFeatures) → (batch, features), the time last. */
  network?: AnyLayer;
};

/** A denoising diffusion model: a layer, the loss that trains it, and one step back from noise towards data. */
export type Diffusion = {
  readonly features: number;
  /** (batch, features + timeFeatures) → (batch, features). */
  readonly network: AnyLayer;
  init(random: Random, sample?: Tensor): Params;
  /** What x₀ (batch, features) was, given xₜ (batch, features) and t (batch, 1) in [0, 1]. */
  denoise(params: Params, xt: np.Array, t: np.Array): np.Array;
  /** The loss of each row of x (batch, features), values in about [−1, 1], at a time and with a noise of its own, drawn with the context. */
  loss(params: Params, x: np.Array, context: Context): np.Array;
};

const schema = v.strictObject({ features: count, timeFeatures: v.optional(count, 16) });

/** The largest weight of a row's loss. */
const MOST_WEIGHT = 5;
/** The schedule's s: at t = 0 a little noise is left. */
const OFFSET = 0.008;

/**
 * Denoising diffusion model of rows of numbers in about [−1, 1]: xₜ = α(t) x₀ + σ(t) ε with α² = cos²(½π (t + s)/(1 + s)), α² + σ² = 1.
 * Trained by `minimize`, drawn from by {@link sampleDiffusion}.
 *
 * @example
 * ```ts
 * const model = diffusion(784, { nonlinearity: gaussianMixtureActivation });
 * const objective = (p: Params, { x }: Record<string, np.Array>, context: Context) => model.loss(p, x, context).mean();
 * const { params } = await minimize(objective, readParams(model.init(new Random(0))), { x }, { batchSize: 128 });
 * const images = await sampleDiffusion(model, params, 16, { random: new Random(1) });
 * ```
 */
export function diffusion(features: number, options: DiffusionOptions = {}): Diffusion {
  const { hidden = [128, 128], nonlinearity = "relu" } = options;
  const { timeFeatures } = checkOptions("diffusion", schema, { features, timeFeatures: options.timeFeatures });
  if (timeFeatures % 2) throw new GmnmError(`timeFeatures of diffusion must be even, got ${timeFeatures}`);
  const network = options.network ?? mlp([features + timeFeatures, ...hidden, features], { nonlinearity });
  /** (batch, features) and (batch, 1) → (batch, features + timeFeatures). */
  const withTime = (xt: np.Array, t: np.Array) => np.concatenate([xt, embed(t, timeFeatures)], -1);
  const denoise: Diffusion["denoise"] = (params, xt, t) => network.apply(params, withTime(xt, t));
  return {
    features,
    network,
    init(random, sample) {
      if (!sample) return network.init(random);
      // What depends on its input at the start sees what it will have: rows with noise, and times.
      const uniform = (shape: number[]) =>
        toArray(tensor(Float32Array.from({ length: sizeOf(shape) }, () => random.uniform()), shape)); // biome-ignore format: one line
      const { xt, t, alpha, sigma } = diffuse(toArray(sample), { uniform });
      tree.dispose([alpha, sigma]);
      return network.init(random, toTensor(withTime(xt, t)));
    },
    denoise,
    loss(params, x, context) {
      const { xt, t, alpha, sigma } = diffuse(x.ref, context);
      const errors = np.square(denoise(params, xt, t).sub(x)).mean(-1); // (batch)
      const weight = np.minimum(np.square(alpha.div(sigma)), MOST_WEIGHT).reshape([-1]); // (batch)
      return errors.mul(weight);
    },
  };
}

/** Rows x₀ (batch, features) at random times: xₜ = α x₀ + σ ε, with t, α and σ (batch, 1). */
function diffuse(x: np.Array, context: Context): Record<"xt" | "t" | "alpha" | "sigma", np.Array> {
  const noise = standardNormal("diffusion", context, x.shape);
  const t = context.uniform!([x.shape[0], 1]);
  const angle = t.ref.add(OFFSET).mul(Math.PI / 2 / (1 + OFFSET));
  const [alpha, sigma] = [np.cos(angle.ref), np.sin(angle)];
  return { xt: x.mul(alpha.ref).add(noise.mul(sigma.ref)), t, alpha, sigma };
}

/** Sines, then cosines of t (batch, 1), with periods 2, 2 / 1.5, 2 / 1.5² …: (batch, n). Our choice. */
function embed(t: np.Array, n: number): np.Array {
  const frequencies = Float32Array.from({ length: n / 2 }, (_, i) => Math.PI * 1.5 ** i);
  const angles = t.mul(np.array(frequencies, { shape: [1, n / 2] })); // (batch, n/2)
  return np.concatenate([np.sin(angles.ref), np.cos(angles)], -1);
}

/** Options of {@link sampleDiffusion}. */
export type SampleOptions = {
  random: Random;
  /** Steps from noise to data. Default 50. */
  steps?: number;
  /** How much of the noise is new in every step: 0 (DDIM) draws noise once, 1 (DDPM) in every step, and needs more of them. Default 0. */
  eta?: number;
  /** Rows at a time: bounds the memory. Default 256. */
  batchSize?: number;
  /** Default "auto". */
  executor?: Executor;
};

const sampleSchema = v.strictObject({
  rows: count,
  steps: v.optional(count, 50),
  eta: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1)), 0),
  batchSize: v.optional(count, 256),
});

/**
 * Draws rows (rows, features): begins with noise and goes back in time, J. Song et al., arXiv:2010.02502, each step a call of one compiled
 * function. What the network takes for x₀ is kept within [−1, 1].
 *
 * @throws GmnmError for a number of rows, steps or rows at a time below 1, and for an eta outside [0, 1].
 */
export async function sampleDiffusion(
  model: Diffusion,
  params: ParamTensors,
  rows: number,
  { random, executor, ...options }: SampleOptions,
): Promise<Tensor> {
  const { steps, eta, batchSize } = checkOptions("sampleDiffusion", sampleSchema, { ...options, rows });
  const { features } = model;
  const back = await compileFunction(
    (p: Params, { xt, t, noise, toData, toState, toNoise }: Record<string, np.Array>) => {
      const x0 = np.clip(model.denoise(p, xt.ref, t), -1, 1);
      return x0.mul(toData).add(xt.mul(toState)).add(noise.mul(toNoise));
    },
    { executor },
  );
  const placed = back.upload(params);
  const size = Math.min(rows, batchSize);
  const data = new Float32Array(rows * features);
  try {
    for (let from = 0; from < rows; from += size) {
      let xt = random.normal([size, features]);
      const still = zeros([size, features]);
      for (let step = steps; step >= 1; step--) {
        const noise = eta > 0 ? random.normal([size, features]) : still;
        const t = tensor(new Float32Array(size).fill(step / steps), [size, 1]);
        xt = (await back(placed, { xt, t, noise, ...coefficients(step / steps, (step - 1) / steps, eta) })) as Tensor;
      }
      data.set(xt.data.subarray(0, Math.min(size, rows - from) * features), from * features);
    }
  } finally {
    placed.dispose();
    back.dispose();
  }
  return { data, shape: [rows, features] };
}

/**
 * From x_t to x_s, s < t: α(s) x₀ + direction · ε + toNoise · new noise, with ε = (x_t − α(t) x₀) / σ(t). The new noise of η = 1 is that of
 * the posterior q(x_s | x_t, x₀). The last step gives x₀.
 */
function coefficients(t: number, s: number, eta: number): Record<"toData" | "toState" | "toNoise", Tensor> {
  const one = (value: number) => tensor([value], [1]);
  if (s === 0) return { toData: one(1), toState: one(0), toNoise: one(0) };
  const at = (time: number) => {
    const angle = ((time + OFFSET) / (1 + OFFSET)) * (Math.PI / 2);
    return { alpha: Math.cos(angle), sigma: Math.sin(angle) };
  };
  const [now, next] = [at(t), at(s)];
  const added = now.sigma ** 2 - ((now.alpha * next.sigma) / next.alpha) ** 2; // the variance that came in from s to t
  const toNoise = (eta * Math.sqrt(added) * next.sigma) / now.sigma;
  const direction = Math.sqrt(next.sigma ** 2 - toNoise ** 2) / now.sigma;
  return { toData: one(next.alpha - now.alpha * direction), toState: one(direction), toNoise: one(toNoise) };
}
