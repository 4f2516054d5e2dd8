// A convolution of which only the largest numbers are wanted.
import { lax, numpy as np } from "@jax-js/jax";
import { blockedConv, fillsBlocks } from "./blocked-conv.ts";
import type { Conv2dConfig, Conv2dParams } from "./conv2d.ts";
import type { AnyLayer } from "./layer.ts";
import { padImage, underWindows, zerosAround } from "./patches.ts";
import { isTracedByCompiler } from "./tracing.ts";

/**
 * `conv2d` and then `maxPool2d`. The bias is added behind the pooling, to fewer numbers.
 *
 * For images of few channels the compiler gets another form. All outputs of a window depend on one field of the image, larger than the kernel
 * by what the window spans, so each of them is a product of the same fields with the kernel at its place in the field. Nothing is cut apart
 * for the maximum nor joined for its gradient, and 16 pixels of a field are gathered in place of 4 times 9.
 */
export function convMaxPool2d(conv: AnyLayer, pool: AnyLayer): (params: Conv2dParams, x: np.Array) => np.Array {
  const { kernelSize, padding, outChannels, ...config } = conv.config as unknown as Conv2dConfig;
  const { size, strides } = pool.config as unknown as { size: number; strides: number };
  const field = kernelSize + size - 1;
  const inFields =
    config.inChannels <= FEW_CHANNELS &&
    (field / kernelSize) ** 2 <= MOST_TIMES &&
    config.strides * config.dilation * config.groups === 1 &&
    size === strides;

  return ({ weights, bias }, x) => {
    const fields = inFields && isTracedByCompiler() ? fieldsOf(x) : undefined;
    const y = fields ? largest(fields, weights) : pool.apply({}, conv.apply({ weights }, x));
    return bias ? y.add(bias) : y;
  };

  /** (batch, height, width, channels) → (batch, height′, width′, field · field · channels). Undefined for an image too small to pool. */
  function fieldsOf(x: np.Array): np.Array | undefined {
    if (x.ndim !== 4 || x.shape[3] !== config.inChannels) return undefined;
    const window = { size: kernelSize, strides: 1, dilation: 1 };
    const zeros = zerosAround(x, window, padding);
    if (zeros.some(([before, after], i) => x.shape[i + 1] + before + after < field)) return undefined;
    const inField = field * field * config.inChannels;
    const slices = (image: np.Array) => underWindows(padImage(image, window, padding), { size: field, strides });
    if (inField > MOST_IN_FIELD || !fillsBlocks(inField)) return slices(x);
    // Each output of the convolution is one pixel of the field. Its gradient is that of slices, of which the compiler drops the values: x − x.
    const identity = np.eye(inField).reshape([field, field, config.inChannels, inField]);
    const values = lax.stopGradient(blockedConv(x.ref, identity, { zeros, strides }));
    return values.add(slices(x.ref.sub(lax.stopGradient(x))));
  }

  /** Of equals the first, by rows, gets the gradient, as in `maxPool2d`. */
  function largest(fields: np.Array, weights: np.Array): np.Array {
    const [batch, height, width, underField] = fields.shape;
    const rows = fields.reshape([batch * height * width, underField]);
    const kernel = weights.reshape([kernelSize, kernelSize, config.inChannels, outChannels]);
    const at = (row: number, column: number) => {
      const zeros = { 0: [row, size - 1 - row], 1: [column, size - 1 - column] } as Record<number, [number, number]>;
      return np.matmul(rows.ref, np.pad(kernel.ref, zeros).reshape([underField, outChannels]));
    };
    const places = [...Array(size).keys()];
    const ofRow = (row: number) => places.map((column) => at(row, column)).reduce((a, b) => np.maximum(a, b));
    const y = places.map(ofRow).reduce((a, b) => np.maximum(a, b));
    rows.dispose();
    kernel.dispose();
    return y.reshape([batch, height, width, outChannels]);
  }
}

/**
 * Up to how many channels it is faster, and up to how many times the multiplications. Measured, 64 images of 28 × 28, kernel 3, 16 and 64
 * outputs: with 1 channel a step takes 0.43 and 0.6 of its time, with 3 0.85 and 0.8, with 8 1.14 and 1.02.
 */
const FEW_CHANNELS = 4;
const MOST_TIMES = 2;

/** Numbers in a field up to which a convolution with ones takes them out faster than slices do: 43 µs in place of 0.4 ms for fields of 16. */
const MOST_IN_FIELD = 64;
