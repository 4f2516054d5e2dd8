// The module of gmnm.ts over the pixels under a kernel: projections are convolution kernels, their mixture a convolution of one pixel. The
// paper names convolutional networks as a host; this wiring, the path of one pixel and the start are our choice.
import { numpy as np } from "@jax-js/jax";
import * as v from "valibot";
import type { Random } from "../random.ts";
import { type Tensor, takeRows, toArray, toTensor, zeros } from "../tensor.ts";
import { type GmnmParams, gmnm } from "./gmnm.ts";
import { expectAxes, type Layer } from "./layer.ts";
import { checkOptions, count, positive } from "./options.ts";
import { expectPatches, type Padding, paddingOption, patches } from "./patches.ts";

/** Options of {@link gaussianMixtureConv2d}. */
export type GaussianMixtureConv2dOptions = {
  /** Height and width of the kernels. Default 3. */
  kernelSize?: number;
  /** Gaussians at every position. Default outChannels. */
  numComponents?: number;
  /** Projections, that is kernels, of each Gaussian. Default 1. */
  rank?: number;
  /** How the projections of one Gaussian become one number, see {@link gmnm}. Default "norm". */
  aggregate?: "norm" | "sum";
  /** "projected" learns one offset per kernel, "explicit" a whole patch as the centre of each Gaussian. Default "projected". */
  centers?: "explicit" | "projected";
  /** Pixels from one position of the kernels to the next. Default 1. */
  strides?: number;
  /** Zeros around the image, see {@link conv2d}. Default `"same"`. */
  padding?: Padding;
  /** Pixels from one element of a kernel to the next. Default 1. */
  dilation?: number;
  /** Adds a learnt constant to each output channel. Default true. */
  bias?: boolean;
  /** Adds a learnt linear map of the pixel under the middle of the kernel. Default false. */
  skip?: boolean;
  /** Divides the weighted sum of Gaussians by their sum. Default false. */
  partitionOfUnity?: boolean;
  /** Starting width of a Gaussian: between two patches E[y²] = 1/width². Default 1. */
  width?: number;
  /** Starting size of the weights: their standard deviation is weightScale/√numComponents. Default 3, which makes a variance of about 1. */
  weightScale?: number;
};

/** Options with every default resolved. */
export type GaussianMixtureConv2dConfig = v.InferOutput<typeof schema> & { numComponents: number };

/** Parameters of {@link gaussianMixtureConv2d}: those of {@link gmnm} over patches, but for the linear path. */
export type GaussianMixtureConv2dParams = Omit<GmnmParams, "skip"> & {
  /** (inChannels, outChannels). */
  skip?: np.Array;
};

const schema = v.strictObject({
  inChannels: count,
  outChannels: count,
  kernelSize: v.optional(count, 3),
  numComponents: v.optional(count),
  rank: v.optional(count, 1),
  aggregate: v.optional(v.picklist(["norm", "sum"]), "norm"),
  centers: v.optional(v.picklist(["explicit", "projected"]), "projected"),
  strides: v.optional(count, 1),
  padding: v.optional(paddingOption, "same"),
  dilation: v.optional(count, 1),
  bias: v.optional(v.boolean(), true),
  skip: v.optional(v.boolean(), false),
  partitionOfUnity: v.optional(v.boolean(), false),
  width: v.optional(positive, 1),
  weightScale: v.optional(positive, 3),
});

/** What the start looks at of a sample: enough for a mean square. */
const SAMPLE_IMAGES = 64;
const SAMPLE_PATCHES = 2048;

/**
 * A mixture of Gaussians over the pixels u under a kernel, in place of a convolution and its activation:
 * y[h, w, o] = Σ_k π_{k,o} exp(−½ y_k²) with y_k² = Σ_j (p_{k,j} · u[h, w] − c_{k,j})² [+ x[h, w] A + b].
 * As many kernels as Gaussians times their rank, then a convolution of one pixel.
 *
 * Shapes: (batch, height, width, inChannels) → (batch, height′, width′, outChannels), as {@link conv2d}. u has kernelSize² · inChannels numbers,
 * by (height, width, channel).
 *
 * Kernels start such that E[y²] = 1/width² for patches like those of the sample or, without one, of standardised pixels. Normalise what goes
 * in: far from every centre the Gaussians are switched off.
 *
 * @example
 * ```ts
 * const block = sequential(gaussianMixtureConv2d(16, 32, { rank: 2, numComponents: 16 }), batchNorm(32), maxPool2d());
 * ```
 * @throws GmnmError for an unknown option or one out of range, for x of another shape, and for images smaller than the kernels.
 */
export function gaussianMixtureConv2d(
  inChannels: number,
  outChannels: number,
  options: GaussianMixtureConv2dOptions = {},
): Layer<GaussianMixtureConv2dParams> {
  const checked = checkOptions("gaussianMixtureConv2d", schema, { ...options, inChannels, outChannels });
  const config = { ...checked, numComponents: checked.numComponents ?? outChannels, type: "gaussianMixtureConv2d" };
  const { kernelSize, strides, dilation, padding, skip: hasSkip } = config;
  const window = { size: kernelSize, strides, dilation };
  const mixture = mixtureUnderKernel(config);
  const at = (kernelSize - 1) >> 1; // of the middle pixel, in each direction
  const middle = (at * kernelSize + at) * inChannels; // where its numbers begin under the kernel
  return {
    config,
    init: (random, sample) => ({
      ...mixture.init(random, sample && samplePatches(random, sample)),
      ...(hasSkip && { skip: toArray(zeros([inChannels, outChannels])) }),
    }),
    apply({ skip, ...gaussians }, x) {
      expectAxes("gaussianMixtureConv2d", x, "batch", "height", "width", inChannels);
      expectPatches("gaussianMixtureConv2d", x, window, padding);
      const columns = patches(x, window, padding); // (batch, height′, width′, underKernel)
      const [batch, height, width, underKernel] = columns.shape;
      const rows = columns.reshape([batch * height * width, underKernel]);
      const linear = skip && np.matmul(rows.ref.slice([], [middle, middle + inChannels]), skip); // (positions, outChannels)
      const y = mixture.apply(gaussians, rows); // (positions, outChannels)
      return (linear ? y.add(linear) : y).reshape([batch, height, width, outChannels]);
    },
  };

  /** Some patches of a sample (rows, height, width, inChannels), as rows. */
  function samplePatches(random: Random, sample: Tensor): Tensor {
    const images = toArray(takeRows(sample, range(Math.min(sample.shape[0], SAMPLE_IMAGES))));
    expectAxes("gaussianMixtureConv2d", images, "batch", "height", "width", inChannels);
    expectPatches("gaussianMixtureConv2d", images, window, padding);
    const { data, shape } = toTensor(patches(images, window, padding));
    const rows = { data, shape: [data.length / shape[3], shape[3]] };
    return takeRows(
      rows,
      range(SAMPLE_PATCHES).map(() => random.integer(rows.shape[0])),
    );
  }
}

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** The {@link gmnm} layer that a {@link gaussianMixtureConv2d} of this config applies to the pixels under its kernels. */
export const mixtureUnderKernel = (config: GaussianMixtureConv2dConfig): Layer<GmnmParams> =>
  gmnm(config.kernelSize ** 2 * config.inChannels, config.outChannels, {
    numComponents: config.numComponents,
    covariance: "lowRank",
    rank: config.rank,
    aggregate: config.aggregate,
    centers: config.centers,
    bias: config.bias,
    skip: false,
    partitionOfUnity: config.partitionOfUnity,
    initializer: "random",
    width: config.width,
    weightScale: config.weightScale,
  });
