import { GmnmError } from "../errors.ts";
import type { Executor } from "./executor.ts";

const inNode = typeof process === "object" && process.versions?.node !== undefined;

/**
 * Starts the native executor where one is wanted: what it consists of, and ONNX Runtime. They are loaded only here, for the package is optional
 * and a browser has none. Takes 60 ms the first time. Undefined where jax-js is to run by itself, as for "auto" on a machine without the package.
 *
 * @throws GmnmError for "native" on a machine without the package.
 */
export async function startNative(executor: Executor) {
  if (executor !== "native" && !(executor === "auto" && inNode)) return undefined;
  const { NativeStep } = await import("./native-step.ts");
  const { nativeFunction } = await import("./native-function.ts");
  const { channelBlockOf } = await import("./channel-block.ts");
  const { loadRuntime } = await import("./session.ts");
  const { functionWithFallback, sayOnce, stepWithFallback } = await import("./fallback.ts");
  const ort = await loadRuntime();
  if (ort) {
    const target = { channelBlock: await channelBlockOf(ort) };
    return { NativeStep, nativeFunction, functionWithFallback, stepWithFallback, ort, target };
  }
  if (executor === "native")
    throw new GmnmError('executor "native" needs the package onnxruntime-node, which is not installed here');
  sayOnce("gmnm: onnxruntime-node is not installed; training runs on wasm");
  return undefined;
}
