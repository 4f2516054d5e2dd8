import { batchNorm } from "../nn/batch-norm.ts";
import { conv2d } from "../nn/conv2d.ts";
import { type ActivationName, activation } from "../nn/elementwise.ts";
import type { AnyLayer } from "../nn/layer.ts";

/**
 * What makes a convolutional network nonlinear: a name, a function from a number of channels to a layer that follows the convolution, or
 * one from (inChannels, outChannels) to a layer that takes the place of the convolution, too.
 */
export type ConvolutionNonlinearity =
  | ActivationName
  | ((channels: number) => AnyLayer)
  | { convolution: (inChannels: number, outChannels: number) => AnyLayer };

/**
 * A convolution, batch normalisation and the nonlinearity, or batch normalisation behind what takes the place of both.
 * Shapes: (batch, height, width, inChannels) → (batch, height, width, outChannels).
 */
export function convolutionBlock(
  inChannels: number,
  outChannels: number,
  nonlinearity: ConvolutionNonlinearity,
  kernelSize: number,
): AnyLayer[] {
  const norm = batchNorm(outChannels);
  if (typeof nonlinearity === "object") return [nonlinearity.convolution(inChannels, outChannels), norm];
  // The shift of the normalisation does what a bias would, and it undoes any gain.
  const convolution = conv2d(inChannels, outChannels, { kernelSize, bias: false });
  return [convolution, norm, typeof nonlinearity === "string" ? activation(nonlinearity) : nonlinearity(outChannels)];
}
