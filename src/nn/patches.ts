// The pixels under a kernel as rows (im2col), for every layer that slides over an image. They are gathered along the width first and then
// along the height, size slices each, which copies less than size² slices would (our choice). Padding "same" is that of TensorFlow and JAX.
import { numpy as np } from "@jax-js/jax";
import * as v from "valibot";
import { amount } from "./options.ts";
import { expectWindows, type WindowOptions, windowElements } from "./windows.ts";

/**
 * `"same"` adds zeros around the image so that there is one position for every `strides` pixels, the odd one at the bottom and right;
 * `"valid"` adds none; a number adds so many on each of the four sides.
 */
export type Padding = "same" | "valid" | number;

const known = '"same", "valid" or a whole number of at least 0';
export const paddingOption = v.union([v.picklist(["same", "valid"]), amount], known);

/** Throws unless the kernel fits into an image (batch, height, width, channels) at least once. */
export function expectPatches(layer: string, x: np.Array, window: WindowOptions, padding: Padding): void {
  if (padding !== "same") expectWindows(layer, x, window, 2 * paddingOf(padding));
}

/** The zeros on each side that do not depend on the image. */
const paddingOf = (padding: Padding): number => (typeof padding === "number" ? padding : 0);

/** (batch, height, width, channels) → (batch, height′, width′, size · size · channels): at each position the pixels under the kernel. */
export const patches = (x: np.Array, window: Required<WindowOptions>, padding: Padding): np.Array =>
  underWindows(padImage(x, window, padding), window);

/** The zeros before and after the height and the width of an image (batch, height, width, channels). */
export const zerosAround = (x: np.Array, window: Required<WindowOptions>, padding: Padding): [number, number][] =>
  [1, 2].map((axis) => ends(x.shape[axis], window, padding));

/** An image with the zeros around it that a kernel's padding asks for. */
export function padImage(x: np.Array, window: Required<WindowOptions>, padding: Padding): np.Array {
  const [rows, columns] = zerosAround(x, window, padding);
  return [...rows, ...columns].some((width) => width > 0) ? np.pad(x, { 1: rows, 2: columns }) : x;
}

/** (batch, height, width, channels) → (batch, height′, width′, size · size · channels): the pixels under each window. */
export function underWindows(x: np.Array, window: WindowOptions): np.Array {
  const rows = join(windowElements(x, 2, window)); // (batch, height, width′, size · channels)
  return join(windowElements(rows, 1, window));
}

const join = (parts: np.Array[]): np.Array => (parts.length === 1 ? parts[0] : np.concatenate(parts, -1));

/** Zeros before and after an axis. */
function ends(
  length: number,
  { size, strides, dilation }: Required<WindowOptions>,
  padding: Padding,
): [number, number] {
  if (padding !== "same") return [paddingOf(padding), paddingOf(padding)];
  const missing = (Math.ceil(length / strides) - 1) * strides + (size - 1) * dilation + 1 - length;
  const total = Math.max(missing, 0);
  return [total >> 1, total - (total >> 1)];
}
