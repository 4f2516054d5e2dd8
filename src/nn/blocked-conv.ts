import { lax, type numpy as np } from "@jax-js/jax";
import { channelBlock } from "./tracing.ts";

/** How a convolution passes over an image: zeros before and after its height and its width, and steps of the kernel and of its pixels. */
export type Passage = { zeros: [number, number][]; strides?: number; dilation?: number };

/**
 * Whether the compiler that traces has a convolution for so many outputs, and images of so many channels, that is faster than a product of the
 * pixels under the kernel: where all blocks are full.
 */
export function fillsBlocks(...channels: number[]): boolean {
  const block = channelBlock();
  return block !== undefined && channels.every((count) => count % block === 0);
}

/**
 * A convolution as one primitive, which the compiler computes over blocks of channels: x (batch, height, width, channels) and kernel
 * (height, width, channels, outputs) to (batch, height′, width′, outputs).
 */
export function blockedConv(x: np.Array, kernel: np.Array, { zeros, strides = 1, dilation = 1 }: Passage): np.Array {
  const image = x.transpose([0, 3, 1, 2]);
  const options = { rhsDilation: [dilation, dilation] };
  const y = lax.convGeneralDilated(image, kernel.transpose([3, 2, 0, 1]), [strides, strides], zeros, options);
  return y.transpose([0, 2, 3, 1]);
}
