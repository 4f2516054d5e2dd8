// Pooling over the windows of an image, along the width first and then along the height: `size` comparisons each in place of size².
import { numpy as np } from "@jax-js/jax";
import * as v from "valibot";
import { expectAxes, type Layer } from "./layer.ts";
import { checkOptions, count } from "./options.ts";
import { expectWindows, type WindowOptions, windowElements } from "./windows.ts";

/** Options of {@link maxPool2d} and {@link avgPool2d}. */
export type Pool2dOptions = {
  /** Height and width of a window. Default 2. */
  size?: number;
  /** Pixels from one window to the next. Default `size`: windows side by side. */
  strides?: number;
};

const schema = v.strictObject({ size: v.optional(count, 2), strides: v.optional(count) });

/**
 * The largest number of each window and channel. Of several that are equally large the first, by rows, gets the gradient, as in PyTorch.
 *
 * Shapes: (batch, height, width, channels) → (batch, height′, width′, channels) with height′ = ⌊(height − size) / strides⌋ + 1: pixels
 * that do not fill a window are left out.
 *
 * @example
 * ```ts
 * const block = sequential(conv2d(1, 16), activation("relu"), maxPool2d());
 * ```
 * @throws GmnmError for x of another shape and for images smaller than a window.
 */
export const maxPool2d = (options: Pool2dOptions = {}): Layer<Record<string, never>> =>
  pool2d("maxPool2d", options, (x, window) => {
    const largest = (along: np.Array, axis: number) =>
      windowElements(along, axis, window).reduce((a, b) => np.maximum(a, b));
    return largest(largest(x, 2), 1);
  });

/**
 * The mean of each window and channel.
 *
 * Shapes: (batch, height, width, channels) → (batch, height′, width′, channels) with height′ = ⌊(height − size) / strides⌋ + 1: pixels
 * that do not fill a window are left out.
 *
 * @example
 * ```ts
 * const block = sequential(conv2d(16, 32), activation("relu"), avgPool2d({ size: 4 }));
 * ```
 * @throws GmnmError for x of another shape and for images smaller than a window.
 */
export const avgPool2d = (options: Pool2dOptions = {}): Layer<Record<string, never>> =>
  pool2d("avgPool2d", options, (x, window) => {
    const sum = (along: np.Array, axis: number) => windowElements(along, axis, window).reduce((a, b) => a.add(b));
    return sum(sum(x, 2), 1).mul(1 / window.size ** 2);
  });

/**
 * The mean of each channel over the whole image.
 *
 * Shapes: (batch, height, width, channels) → (batch, channels).
 *
 * @example
 * ```ts
 * const model = sequential(conv2d(1, 32), activation("relu"), globalAvgPool2d(), linear(32, 10));
 * ```
 * @throws GmnmError for x of another shape.
 */
export const globalAvgPool2d = (): Layer<Record<string, never>> => ({
  config: { type: "globalAvgPool2d" },
  init: () => ({}),
  apply(_, x) {
    expectAxes("globalAvgPool2d", x, "batch", "height", "width", "channels");
    return x.mean([1, 2]);
  },
});

function pool2d(
  type: string,
  options: Pool2dOptions,
  pool: (x: np.Array, window: WindowOptions) => np.Array,
): Layer<Record<string, never>> {
  const { size, strides = size } = checkOptions(type, schema, options);
  return {
    config: { size, strides, type },
    init: () => ({}),
    apply(_, x) {
      expectAxes(type, x, "batch", "height", "width", "channels");
      expectWindows(type, x, { size, strides });
      return pool(x, { size, strides });
    },
  };
}
