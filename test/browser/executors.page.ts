// What executors.test.ts asks a browser: every layer on wasm and on WebGPU, and a training on both.
import { fit, gmnm } from "../../src/browser.ts";
import { layerCases } from "../contract/cases.ts";
import { pointOf } from "../contract/points.ts";
import { compiledGradients, relativeError } from "../gradients.ts";
import { waves } from "../train/examples.ts";

/** By layer, the largest relative error of the values and of any block's gradient, WebGPU beside wasm. */
async function compareLayers(): Promise<Record<string, number>> {
  const errors: Record<string, number> = {};
  for (const given of layerCases) {
    const point = pointOf(given);
    const [wasm, webgpu] = [await compiledGradients(point, "wasm"), await compiledGradients(point, "webgpu")];
    const ofBlocks = [...wasm.gradients].map(([path, gradient]) =>
      relativeError(webgpu.gradients.get(path)!, gradient),
    );
    errors[given.name] = Math.max(relativeError(webgpu.y.data, wasm.y.data), ...ofBlocks);
  }
  return errors;
}

/** The losses of a training of 30 epochs, the second time from where a batch size leaves rows over. */
async function train(executor: "wasm" | "webgpu"): Promise<number[]> {
  const options = { epochs: 30, executor, progress: false } as const;
  const { model, history } = await fit(gmnm(2, 1, { numComponents: 8 }), waves(70), options);
  const again = await fit(model, waves(70), { ...options, epochs: 3, batchSize: 32, validation: 0.1 });
  return [...history, ...again.history].map(({ loss }) => loss);
}

const tests = { compareLayers, train };
export type Tests = typeof tests;
Object.assign(globalThis, { tests });
