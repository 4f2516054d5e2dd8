// Loaded before our own process: WebGPU for Node, as browsers have it.
import { create, globals } from "webgpu";

Object.assign(globalThis, globals);
const gpu = create([]);
const adapter = await gpu.requestAdapter();
if (!adapter || adapter.info.isFallbackAdapter) {
  console.error("there is no graphics processor here that WebGPU can use");
  process.exit(1);
}
Object.defineProperty(navigator, "gpu", { value: gpu });
