import { type Device, numpy as np } from "@jax-js/jax";
import { GmnmError } from "./errors.ts";

/**
 * Numbers with a shape, in ordinary memory, row-major. What goes into and comes out of `fit`, `predict`, `save` and `load`, so that
 * the ownership rules of device arrays never reach a user.
 */
export type Tensor = { readonly data: Float32Array<ArrayBuffer>; readonly shape: readonly number[] };

/** A tensor in either precision: what was computed in float64, or is stored without losing a bit. */
export type ExactTensor = { readonly data: Float32Array | Float64Array; readonly shape: readonly number[] };

/** Tensors that belong together, such as x and y. */
export type Tensors = Record<string, Tensor>;

/** Number of elements of a shape; 1 for the empty shape of a scalar. */
export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, side) => product * side, 1);

/** `(2, 3)`, as shapes are written in messages. */
export const showShape = (shape: readonly number[]): string => `(${shape.join(", ")})`;

/**
 * A tensor over a typed array or a list of numbers.
 *
 * @example
 * ```ts
 * const x = tensor([0, 0.5, 1, 1.5], [2, 2]);
 * ```
 * @throws GmnmError when the shape does not hold as many elements as there are numbers.
 */
export function tensor(data: ArrayLike<number>, shape: readonly number[]): Tensor {
  if (sizeOf(shape) !== data.length) {
    throw new GmnmError(`shape ${showShape(shape)} holds ${sizeOf(shape)} numbers, got ${data.length}`);
  }
  return { data: data instanceof Float32Array ? (data as Float32Array<ArrayBuffer>) : Float32Array.from(data), shape };
}

/** A tensor of zeros. */
export const zeros = (shape: readonly number[]): Tensor => ({ data: new Float32Array(sizeOf(shape)), shape });

/** Copies a tensor to a device; the caller owns the array. */
export const toArray = (t: Tensor, device?: Device): np.Array =>
  np.array(t.data, { shape: [...t.shape], dtype: np.float32, device });

/** Reads an array back and releases it. */
export function toTensor(array: np.Array): Tensor {
  const shape = array.shape;
  const data = array.dataSync(); // a copy
  return { data: data instanceof Float32Array ? data : new Float32Array(data), shape };
}

/** The rows of a tensor with the given indices: (n, …) → (rows.length, …). */
export function takeRows(t: Tensor, rows: ArrayLike<number>): Tensor {
  const width = sizeOf(t.shape.slice(1));
  const data = new Float32Array(rows.length * width);
  for (let i = 0; i < rows.length; i++) {
    data.set(t.data.subarray(rows[i] * width, (rows[i] + 1) * width), i * width);
  }
  return { data, shape: [rows.length, ...t.shape.slice(1)] };
}
