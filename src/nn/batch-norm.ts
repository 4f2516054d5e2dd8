// S. Ioffe, C. Szegedy, "Batch Normalization: Accelerating Deep Network Training by Reducing Internal Covariate Shift", arXiv:1502.03167.
// Running statistics as in PyTorch; that they start at those of the sample, where there is one, is our choice.
import { numpy as np } from "@jax-js/jax";
import * as v from "valibot";
import { GmnmError } from "../errors.ts";
import { showShape, type Tensor, toArray, zeros } from "../tensor.ts";
import { expectFeatures, type Layer, sampleRows } from "./layer.ts";
import { checkOptions, count, positive } from "./options.ts";

/** Options of {@link batchNorm}. */
export type BatchNormOptions = {
  /** How far the running statistics move towards a batch's at every step, in (0, 1]. Default 0.1. */
  momentum?: number;
  /** Added to the variance. Default 1e-5. */
  epsilon?: number;
};

/** Parameters of {@link batchNorm}, all (channels). */
export type BatchNormParams = {
  scale: np.Array;
  bias: np.Array;
  /** The running statistics: not trained, but moved by every training step. */
  buffers: { mean: np.Array; variance: np.Array };
};

const momentumRange = "a number in (0, 1]";
const schema = v.strictObject({
  channels: count,
  momentum: v.optional(v.pipe(v.number(momentumRange), v.gtValue(0, momentumRange), v.maxValue(1, momentumRange)), 0.1),
  epsilon: v.optional(positive, 1e-5),
});

/**
 * Normalises every channel to mean 0 and variance 1 over all other axes, then scales and shifts it. While training, mean and variance are the
 * batch's, and move the running ones: running ← running + momentum · (batch − running), with the variance's sum of squares divided by n − 1.
 * Otherwise they are the running ones, so that a prediction does not depend on its batch.
 *
 * Shapes: (batch, …, channels) → the same: images (batch, height, width, channels) or rows (batch, channels).
 *
 * Running statistics start at those of the sample, if `init` is given one, else at mean 0 and variance 1. L-BFGS refuses to train the layer.
 *
 * @example
 * ```ts
 * const block = sequential(conv2d(1, 16, { bias: false }), batchNorm(16), activation("relu"));
 * ```
 * @throws GmnmError for an x whose last axis is not channels long, and while training for fewer than two numbers per channel.
 */
export function batchNorm(channels: number, options: BatchNormOptions = {}): Layer<BatchNormParams> {
  const config = { ...checkOptions("batchNorm", schema, { ...options, channels }), type: "batchNorm" };
  const { momentum, epsilon } = config;
  return {
    config,
    init(_, sample) {
      const { mean, variance } = sample ? statisticsOf(sampleRows("batchNorm", sample, channels)) : standard(channels);
      return {
        scale: toArray(filled(channels, 1)),
        bias: toArray(zeros([channels])),
        buffers: { mean: toArray(mean), variance: toArray(variance) },
      };
    },
    apply({ scale, bias, buffers }, x, context) {
      expectFeatures("batchNorm", x, channels);
      if (!context?.training) {
        const factor = scale.div(np.sqrt(buffers.variance.add(epsilon))); // (channels)
        return x.mul(factor.ref).add(bias.sub(buffers.mean.mul(factor)));
      }
      const { shape } = x;
      const n = x.size / channels; // numbers per channel
      if (n < 2) {
        throw new GmnmError(`batchNorm needs at least two numbers per channel to train, got x of ${showShape(shape)}`);
      }
      const rows = x.reshape([n, channels]);
      const mean = rows.ref.mean(0); // (channels)
      const centred = rows.sub(mean.ref); // (n, channels)
      const variance = np.square(centred.ref).mean(0); // (channels)
      const moved = (running: np.Array, batch: np.Array) => running.ref.mul(1 - momentum).add(batch.mul(momentum));
      context.update?.(buffers.mean, moved(buffers.mean, mean.ref));
      context.update?.(buffers.variance, moved(buffers.variance, variance.ref.mul(n / (n - 1))));
      for (const array of [mean, buffers.mean, buffers.variance]) array.dispose();
      const factor = scale.div(np.sqrt(variance.add(epsilon))); // (channels)
      return centred.mul(factor).add(bias).reshape(shape);
    },
  };
}

const filled = (length: number, value: number): Tensor => ({
  data: new Float32Array(length).fill(value),
  shape: [length],
});

const standard = (channels: number) => ({ mean: zeros([channels]), variance: filled(channels, 1) });

/** Mean and variance of each column of a sample (rows, channels). */
function statisticsOf({ data, shape: [rows, channels] }: Tensor) {
  if (rows < 2) return standard(channels);
  const [sum, squares] = [new Float64Array(channels), new Float64Array(channels)];
  for (let i = 0; i < data.length; i++) sum[i % channels] += data[i];
  for (let i = 0; i < data.length; i++) squares[i % channels] += (data[i] - sum[i % channels] / rows) ** 2;
  const perRow = (sums: Float64Array, n: number): Tensor => ({
    data: Float32Array.from(sums, (s) => s / n),
    shape: [channels],
  });
  return { mean: perRow(sum, rows), variance: perRow(squares, rows - 1) };
}
