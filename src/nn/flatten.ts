import { GmnmError } from "../errors.ts";
import { showShape, sizeOf } from "../tensor.ts";
import type { Layer } from "./layer.ts";

/**
 * All axes but the first as one, to put a layer of features behind images or sequences.
 *
 * Shapes: (batch, …) → (batch, product of the others).
 *
 * @example
 * ```ts
 * const model = sequential(conv2d(1, 8), maxPool2d(), flatten(), linear(14 * 14 * 8, 10)); // of 28 × 28 pixels
 * ```
 * @throws GmnmError for x without axes.
 */
export const flatten = (): Layer<Record<string, never>> => ({
  config: { type: "flatten" },
  init: () => ({}),
  apply(_, x) {
    if (x.ndim < 1) throw new GmnmError(`flatten expected x of shape (batch, …), got ${showShape(x.shape)}`);
    return x.reshape([x.shape[0], sizeOf(x.shape.slice(1))]);
  },
});
