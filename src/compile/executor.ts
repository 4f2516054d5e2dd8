import { type Device, defaultDevice, init } from "@jax-js/jax";
import { GmnmError } from "../errors.ts";

/**
 * Where compiled functions run: "native" in ONNX Runtime (Node, optional package onnxruntime-node), "wasm" and "webgpu" in jax-js.
 * "auto" takes native where there is one and it knows every operation of the function, else wasm.
 */
export type Executor = (typeof EXECUTORS)[number];

const EXECUTORS = ["auto", "native", "wasm", "webgpu"] as const;

/**
 * Starts an executor and makes it the one that eager operations use. `fit`, `predict` and `load` call it; call it yourself before you
 * use layers directly.
 *
 * @example
 * ```ts
 * await ready();
 * const params = gmnm(2, 1).init(new Random(0));
 * ```
 * @throws GmnmError when this machine does not have the executor.
 */
export async function ready(executor: Executor = "auto"): Promise<Device> {
  if (!EXECUTORS.includes(executor)) {
    throw new GmnmError(`executor must be one of ${EXECUTORS.join(", ")}, got "${executor}"`);
  }
  // Eager operations (initialisers, adapting a grid) run in jax-js also where compiled functions run natively.
  const device = executor === "webgpu" ? "webgpu" : "wasm";
  const started = await init(device);
  if (!started.includes(device)) throw new GmnmError(`executor "${device}" is not available here`);
  defaultDevice(device);
  return device;
}
