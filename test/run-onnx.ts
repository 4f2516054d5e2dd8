// ONNX models as others run them.
import * as web from "onnxruntime-web";
import { Graph } from "../src/compile/graph.ts";
import { encodeModel } from "../src/compile/onnx.ts";
import type { Tensor } from "../src/tensor.ts";

web.env.wasm.numThreads = 1;

/** What onnxruntime-node and onnxruntime-web have in common. */
export type OnnxRuntime = Pick<typeof web, "InferenceSession" | "Tensor">;

/** What a model from x to y says of several inputs. */
export async function runOnnx(ort: OnnxRuntime, model: Uint8Array, inputs: readonly Tensor[]): Promise<Tensor[]> {
  const session = await ort.InferenceSession.create(model, { intraOpNumThreads: 1, logSeverityLevel: 3 });
  const results: Tensor[] = [];
  for (const { data, shape } of inputs) {
    const { y } = await session.run({ x: new ort.Tensor("float32", data, shape) });
    results.push({ data: y.data as Float32Array<ArrayBuffer>, shape: y.dims });
  }
  await session.release();
  return results;
}

/** ONNX Runtime for browsers, started. It leaves a Worker in Node's globals, from which jax-js would conclude that its memory is shared. */
export async function startWeb(): Promise<OnnxRuntime> {
  const before = Reflect.getOwnPropertyDescriptor(globalThis, "Worker");
  const value = new Graph().input([1], "float32");
  await runOnnx(web, encodeModel([{ name: "x", value }], [{ name: "y", value }]), []);
  if (before) Object.defineProperty(globalThis, "Worker", before);
  else Reflect.deleteProperty(globalThis, "Worker");
  return web;
}
