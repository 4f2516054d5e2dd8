import type { numpy as np } from "@jax-js/jax";
import { GmnmError } from "../errors.ts";
import { showShape } from "../tensor.ts";

type Arrays = Record<string, np.Array>;

/** Collects what layers want to stand in the place of their buffers; one value for each buffer and step. */
export class BufferUpdates {
  readonly #paths: ReadonlyMap<np.Array, string>;
  #values: Arrays = {};

  /** @param buffers by path; layers are given these very arrays, by which they are known again. */
  constructor(buffers: Arrays) {
    this.#paths = new Map(Object.entries(buffers).map(([path, array]) => [array, path]));
  }

  /** What a layer calls, see `Context.update`. */
  readonly update = (buffer: np.Array, value: np.Array): void => {
    const path = this.#paths.get(buffer);
    if (path === undefined) throw new GmnmError("a layer can only update an array that stands under its key buffers");
    const [held, given] = [showShape(buffer.shape), showShape(value.shape)];
    if (held !== given) throw new GmnmError(`buffer "${path}" has shape ${held} and cannot become one of ${given}`);
    // A layer that is used twice saw the same old value both times: the later use counts.
    this.#values[path]?.dispose();
    this.#values[path] = value;
  };

  /** The values so far, by path; begins anew. */
  take(): Arrays {
    const values = this.#values;
    this.#values = {};
    return values;
  }
}

/** Buffers with new values where there are some; the others stay. Consumes both. */
export function replace(buffers: Arrays, values: Arrays): Arrays {
  for (const path of Object.keys(values)) buffers[path].dispose();
  return { ...buffers, ...values };
}
