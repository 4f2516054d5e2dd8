import { GmnmError } from "../errors.ts";
import type { Layer, Params } from "../nn/layer.ts";
import { linear } from "../nn/linear.ts";
import { globalAvgPool2d, maxPool2d } from "../nn/pool2d.ts";
import { sequential } from "../nn/sequential.ts";
import { type ConvolutionNonlinearity, convolutionBlock } from "./convolution-block.ts";

/** Options of {@link cnn}. */
export type CnnOptions = {
  /** Channels of each block; between two blocks the image is halved. Default [16, 32, 48]. */
  channels?: readonly number[];
  /** Height and width of the kernels. Default 3. */
  kernelSize?: number;
  /** Default "relu". */
  nonlinearity?: ConvolutionNonlinearity;
};

/**
 * A small convolutional network for images: blocks of convolution, batch normalisation and nonlinearity with max pooling between them, the mean
 * over the image, and a linear map to one logit per class.
 *
 * Shapes: (batch, height, width, inChannels) → (batch, classes).
 *
 * @example
 * ```ts
 * const baseline = cnn(1, 10);
 * const learnt = cnn(1, 10, { nonlinearity: gaussianMixtureActivation });
 * const mixtures = cnn(1, 10, { nonlinearity: { convolution: gaussianMixtureConv2d } });
 * ```
 * @throws GmnmError without channels, and when the network runs, for images too small to be halved so often.
 */
export function cnn(inChannels: number, classes: number, options: CnnOptions = {}): Layer<Params[]> {
  const { channels = [16, 32, 48], kernelSize = 3, nonlinearity = "relu" } = options;
  if (channels.length === 0) throw new GmnmError("cnn needs at least one block, got no channels");
  const blocks = channels.flatMap((outs, i) => [
    ...(i > 0 ? [maxPool2d()] : []),
    ...convolutionBlock(channels[i - 1] ?? inChannels, outs, nonlinearity, kernelSize),
  ]);
  return sequential(...blocks, globalAvgPool2d(), linear(channels[channels.length - 1], classes));
}
