// A convolution as one matrix product over the pixels under the kernel (im2col, see patches.ts).
import { numpy as np } from "@jax-js/jax";
import * as v from "valibot";
import { GmnmError } from "../errors.ts";
import { toArray, zeros } from "../tensor.ts";
import { blockedConv, fillsBlocks } from "./blocked-conv.ts";
import { expectAxes, type Layer } from "./layer.ts";
import { checkOptions, count, positive } from "./options.ts";
import { expectPatches, type Padding, paddingOption, patches, zerosAround } from "./patches.ts";

/** Options of {@link conv2d}. */
export type Conv2dOptions = {
  /** Height and width of the kernel. Default 3. */
  kernelSize?: number;
  /** Pixels from one position of the kernel to the next. Default 1. */
  strides?: number;
  /**
   * `"same"` adds zeros around the image so that there is one position for every `strides` pixels, the odd one at the bottom and right;
   * `"valid"` adds none; a number adds so many on each of the four sides. Default `"same"`.
   */
  padding?: Padding;
  /** Pixels from one element of the kernel to the next. Default 1. */
  dilation?: number;
  /** Splits the channels into so many groups; outputs of a group see the inputs of the same group only. Default 1. */
  groups?: number;
  /** Adds a learnt constant to each output channel. Default true. */
  bias?: boolean;
  /** Factor on the standard deviation 1/√(numbers under the kernel) of the starting weights: √2 suits ReLU. Default 1. */
  gain?: number;
};

/** Parameters of {@link conv2d}. */
export type Conv2dParams = {
  /** (kernelSize · kernelSize · inChannels / groups, outChannels), from (height, width, channel) of the kernel. */
  weights: np.Array;
  /** (outChannels). */
  bias?: np.Array;
};

const schema = v.strictObject({
  inChannels: count,
  outChannels: count,
  kernelSize: v.optional(count, 3),
  strides: v.optional(count, 1),
  padding: v.optional(paddingOption, "same"),
  dilation: v.optional(count, 1),
  groups: v.optional(count, 1),
  bias: v.optional(v.boolean(), true),
  gain: v.optional(positive, 1),
});

/** The config of a {@link conv2d} layer. */
export type Conv2dConfig = v.InferOutput<typeof schema>;

/**
 * Two-dimensional convolution (cross-correlation, as everywhere in deep learning):
 * y[h, w, o] = Σ_{i,j,c} x[h · strides + i · dilation − padding, w · strides + j · dilation − padding, c] weights[i, j, c, o] + bias[o].
 *
 * Shapes: (batch, height, width, inChannels) → (batch, height′, width′, outChannels). height′ is ⌈height / strides⌉ with padding `"same"`,
 * else ⌊(height + 2 · padding − dilation · (kernelSize − 1) − 1) / strides⌋ + 1.
 *
 * @example
 * ```ts
 * const model = sequential(conv2d(1, 16), activation("relu"), maxPool2d(), flatten(), linear(14 * 14 * 16, 10)); // of 28 × 28 pixels
 * ```
 * @throws GmnmError when `groups` does not divide the channels, for x of another shape, and for images smaller than the kernel.
 */
export function conv2d(inChannels: number, outChannels: number, options: Conv2dOptions = {}): Layer<Conv2dParams> {
  const config = { ...checkOptions("conv2d", schema, { ...options, inChannels, outChannels }), type: "conv2d" };
  const { kernelSize, groups } = config;
  if (inChannels % groups || outChannels % groups) {
    const found = `${groups} for inChannels ${inChannels} and outChannels ${outChannels}`;
    throw new GmnmError(`groups of conv2d must divide inChannels and outChannels, got ${found}`);
  }
  const underKernel = (kernelSize * kernelSize * inChannels) / groups;
  const window = { size: kernelSize, strides: config.strides, dilation: config.dilation };
  return {
    config,
    init: (random) => ({
      weights: toArray(random.normal([underKernel, outChannels], config.gain / Math.sqrt(underKernel))),
      ...(config.bias && { bias: toArray(zeros([outChannels])) }),
    }),
    apply({ weights, bias }, x) {
      expectAxes("conv2d", x, "batch", "height", "width", inChannels);
      expectPatches("conv2d", x, window, config.padding);
      const y = groups === 1 ? convolve(x, weights) : convolveGroups(x, weights);
      return bias ? y.add(bias) : y;
    },
  };

  /** (batch, height, width, inChannels) → (batch, height′, width′, outChannels). */
  function convolve(x: np.Array, weights: np.Array): np.Array {
    const { strides, dilation } = config;
    // The gradient of a stride is a convolution over an image full of zeros; a kernel of one pixel is a product already.
    if (strides === 1 && kernelSize > 1 && fillsBlocks(inChannels, outChannels)) {
      const kernel = weights.reshape([kernelSize, kernelSize, inChannels, outChannels]);
      return blockedConv(x, kernel, { zeros: zerosAround(x, window, config.padding), dilation });
    }
    const columns = patches(x, window, config.padding); // (batch, height′, width′, underKernel)
    const [batch, height, width] = columns.shape;
    const y = np.matmul(columns.reshape([batch * height * width, underKernel]), weights);
    return y.reshape([batch, height, width, outChannels]);
  }

  /** The same as one batched product; groups are the outermost axis until the end. */
  function convolveGroups(x: np.Array, weights: np.Array): np.Array {
    const [batch, ...size] = x.shape.slice(0, 3);
    const [ins, outs] = [inChannels / groups, outChannels / groups];
    const grouped = x.reshape([batch, ...size, groups, ins]).transpose([3, 0, 1, 2, 4]); // (groups, batch, height, width, ins)
    const columns = patches(grouped.reshape([groups * batch, ...size, ins]), window, config.padding);
    const [height, width] = columns.shape.slice(1);
    const kernels = weights.reshape([underKernel, groups, outs]).transpose([1, 0, 2]); // (groups, underKernel, outs)
    const y = np.matmul(columns.reshape([groups, batch * height * width, underKernel]), kernels);
    return y.transpose([1, 0, 2]).reshape([batch, height, width, outChannels]);
  }
}
