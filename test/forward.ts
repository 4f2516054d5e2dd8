import type { AnyLayer, Params } from "../src/nn/layer.ts";
import { Random } from "../src/random.ts";
import { type Tensor, tensor, toArray, toTensor } from "../src/tensor.ts";

/** A layer's values on an input, eagerly; consumes the parameters. */
export const forward = (layer: AnyLayer, params: Params, x: Tensor): Tensor =>
  toTensor(layer.apply(params, toArray(x)));

/** Largest absolute difference of two lists of numbers. */
export const maxDifference = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  a.length === b.length ? Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i]))) : Number.POSITIVE_INFINITY;

/** (rows, features) uniform in [low, high). */
export function uniformTensor(seed: number, shape: readonly [number, number], low = -1, high = 1): Tensor {
  const random = new Random(seed);
  return tensor(
    Array.from({ length: shape[0] * shape[1] }, () => random.uniform(low, high)),
    shape,
  );
}
