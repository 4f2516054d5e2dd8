import { numpy as np } from "@jax-js/jax";
import { GmnmError } from "../errors.ts";
import { showShape } from "../tensor.ts";

/** How windows lie along an axis: `size` elements that are `dilation` apart, one window every `strides` elements. */
export type WindowOptions = { size: number; strides: number; dilation?: number };

/** How many whole windows fit into a length; below 1 for none. */
export const countWindows = (length: number, { size, strides, dilation = 1 }: WindowOptions): number =>
  Math.floor((length - (size - 1) * dilation - 1) / strides) + 1;

/** Throws unless at least one window fits into an image (batch, height, width, channels) with so many pixels added on both axes. */
export function expectWindows(layer: string, x: np.Array, options: WindowOptions, padding = 0): void {
  if (Math.min(...x.shape.slice(1, 3).map((length) => countWindows(length + padding, options))) < 1) {
    const least = (options.size - 1) * (options.dilation ?? 1) + 1 - padding;
    throw new GmnmError(`${layer} needs images of at least ${least} by ${least}, got ${showShape(x.shape)}`);
  }
}

/**
 * The first elements of all windows along an axis, their second elements, and so on: `size` arrays like x with as many elements along the
 * axis as there are windows. What does not fill a window is left out.
 *
 * jax-js has no strided slice: the axis is folded to (…, length / strides, strides, …), where such a slice is a plain one.
 */
export function windowElements(x: np.Array, axis: number, options: WindowOptions): np.Array[] {
  const { size, strides, dilation = 1 } = options;
  const count = countWindows(x.shape[axis], options);
  if (size === 1 && strides === 1) return [x];
  if (strides === 1) {
    const slices = Array.from({ length: size }, (_, i) => along(x.ref, axis, i * dilation, i * dilation + count));
    x.dispose();
    return slices;
  }
  const rows = Math.floor(((size - 1) * dilation) / strides) + count; // of the folded axis
  const folded = resize(x, axis, rows * strides).reshape(x.shape.toSpliced(axis, 1, rows, strides));
  const shape = x.shape.toSpliced(axis, 1, count);
  if (rows === count && size === strides) {
    // Windows side by side: one split, whose gradient is one concatenation.
    return np.split(folded, strides, axis + 1).map((element) => element.reshape(shape));
  }
  const slices = Array.from({ length: size }, (_, i) => {
    const [row, column] = [Math.floor((i * dilation) / strides), (i * dilation) % strides];
    return along(along(folded.ref, axis, row, row + count), axis + 1, column, column + 1).reshape(shape);
  });
  folded.dispose();
  return slices;
}

/** x[…, from:to, …] */
const along = (x: np.Array, axis: number, from: number, to: number): np.Array =>
  x.slice(...x.shape.map((_, i): [] | [number, number] => (i === axis ? [from, to] : [])));

/** Cuts an axis, or extends it by zeros, to a length. */
function resize(x: np.Array, axis: number, length: number): np.Array {
  const missing = length - x.shape[axis];
  return missing > 0 ? np.pad(x, { [axis]: [0, missing] }) : missing < 0 ? along(x, axis, 0, length) : x;
}
