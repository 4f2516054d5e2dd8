import { type Device, defaultDevice, init } from "@jax-js/jax";
import { GmnmError } from "../errors.ts";
import { startNative } from "./start-native.ts";

/**
 * Where compiled functions run: "native" in ONNX Runtime (Node, optional package onnxruntime-node), "wasm" and "webgpu" in jax-js.
 * "auto" takes native where there is one and it knows every operation of the function, else wasm.
 */
export type Executor = (typeof EXECUTORS)[number];

const EXECUTORS = ["auto", "native", "wasm", "webgpu"] as const;

/**
 * Starts an executor, once in a process: jax-js, and for "native" ONNX Runtime. Eager operations (initialisers, the refitting of a grid) run on
 * wasm beside every executor, because their results are read at once, and WebGPU can only be read later. `fit`, `predict` and `load` call it;
 * call it yourself before you use layers directly. Returns the device of jax-js on which its compiled functions run.
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
  const device = executor === "webgpu" ? "webgpu" : "wasm";
  const started = await init("wasm", device);
  if (!started.includes(device)) throw new GmnmError(`executor "${device}" is not available here`);
  defaultDevice("wasm");
  await startNative(executor);
  return device;
}

/** Runs something with a device on which arrays are made: the constants of a traced function must lie where the function runs. */
export function onDevice<T>(device: Device, run: () => T): T {
  const before = defaultDevice();
  defaultDevice(device);
  try {
    return run();
  } finally {
    defaultDevice(before);
  }
}
