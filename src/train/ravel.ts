import { numpy as np } from "@jax-js/jax";
import type { Optimizer } from "../optim/transform.ts";
import { sizeOf, type Tensor } from "../tensor.ts";

type Arrays = Record<string, np.Array>;

/** Arrays from this size on stay by themselves: to copy them into a vector would cost more than the operations it saves. Measured. */
const LARGE = 16384;

/**
 * Parameters as the optimiser sees them: all small arrays that it treats alike are one vector, under the path of the first. An update is then a
 * dozen operations on one vector instead of a dozen per array, which is most of the time of a small model's step.
 */
export class Ravel {
  /** Where each array lies: its vector, its first element, its shape. */
  readonly #places = new Map<string, { vector: string; offset: number; shape: readonly number[] }>();
  readonly #sizes = new Map<string, number>();

  constructor(
    shapes: Iterable<readonly [path: string, shape: readonly number[]]>,
    alike: Optimizer["alike"] = () => true,
  ) {
    const first = new Map<unknown, string>();
    for (const [path, shape] of shapes) {
      const group = sizeOf(shape) >= LARGE ? path : alike(path);
      if (!first.has(group)) first.set(group, path);
      const vector = first.get(group)!;
      const offset = this.#sizes.get(vector) ?? 0;
      this.#places.set(path, { vector, offset, shape });
      this.#sizes.set(vector, offset + sizeOf(shape));
    }
  }

  /** Arrays by path → vectors. Consumes them. */
  join(arrays: Arrays): Arrays {
    const parts = new Map<string, np.Array[]>([...this.#sizes.keys()].map((vector) => [vector, []]));
    for (const [path, { vector }] of this.#places) parts.get(vector)!.push(arrays[path]);
    // An array by itself keeps its shape.
    const vectorOf = (list: np.Array[]) =>
      list.length > 1 ? np.concatenate(list.map((array) => array.reshape([-1]))) : list[0];
    return Object.fromEntries([...parts].map(([vector, list]) => [vector, vectorOf(list)]));
  }

  /** Vectors → arrays by path. Consumes them. */
  split(vectors: Arrays): Arrays {
    const arrays = [...this.#places].map(([path, { vector, offset, shape }]) => {
      const alone = this.#sizes.get(vector) === sizeOf(shape);
      const piece = alone ? vectors[vector].ref : vectors[vector].ref.slice([offset, offset + sizeOf(shape)]);
      return [path, piece.reshape([...shape])] as const;
    });
    for (const vector of Object.values(vectors)) vector.dispose();
    return Object.fromEntries(arrays);
  }

  /** The same in ordinary memory, as copies. */
  splitTensors(vectors: Record<string, Tensor>): [string, Tensor][] {
    return [...this.#places].map(([path, { vector, offset, shape }]) => [
      path,
      { data: vectors[vector].data.slice(offset, offset + sizeOf(shape)), shape },
    ]);
  }
}
