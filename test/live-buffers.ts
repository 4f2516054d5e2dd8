// jax-js counts references but cannot say what leaked. Its wasm backend keeps every buffer in one Map; this finds that Map.
import { numpy as np } from "@jax-js/jax";

type Buffers = Map<number, { ptr: number; ref: number }>;
let buffers: Buffers | undefined;

function findBuffers(): Buffers {
  const original = Map.prototype.set;
  let found: Buffers | undefined;
  Map.prototype.set = function (key, value) {
    if (typeof value === "object" && value !== null && "ptr" in value && "ref" in value) found = this;
    return original.call(this, key, value);
  };
  try {
    np.array(new Float32Array([1, 2, 3]), { device: "wasm" }).dispose();
  } finally {
    Map.prototype.set = original;
  }
  if (!found) throw new Error("the buffers of the wasm backend are no longer in a Map of { ptr, ref }");
  return found;
}

/** Number of buffers alive on the wasm device. */
export function liveBuffers(): number {
  buffers ??= findBuffers();
  return buffers.size;
}
