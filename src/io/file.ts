import type { Model } from "../model.ts";
import type { LayerBuilders } from "../nn/registry.ts";
import { writeAtomic } from "./atomic.ts";
import { decodeModel, encodeModel } from "./model-file.ts";
import { type OnnxOptions, toOnnx } from "./onnx-export.ts";
import { readBytes } from "./read-bytes.ts";

/**
 * Saves a model as a safetensors file. A file that was there is replaced in one step, and stays as it was when anything fails.
 *
 * @example
 * ```ts
 * await save(model, "model.safetensors");
 * ```
 * @throws GmnmError when the file cannot be written or a parameter is not finite.
 */
export const save = (model: Model, path: string): Promise<void> => writeAtomic(path, encodeModel(model));

/**
 * Writes a model as an ONNX file for other runtimes: {@link toOnnx} says what is in it. A file that was there is replaced in one step.
 *
 * @example
 * ```ts
 * await exportOnnx(model, "model.onnx");
 * await exportOnnx(forecaster, "forecaster.onnx", { example: { shape: [1, 24, 7] } }); // (batch, time, features)
 * ```
 * @throws GmnmError when the model cannot be exported or the file cannot be written.
 */
export async function exportOnnx(model: Model, path: string, options: OnnxOptions = {}): Promise<void> {
  await writeAtomic(path, await toOnnx(model, options));
}

/**
 * Loads a model from a file that {@link save} wrote, on this machine or another. The file is checked, whoever wrote it.
 *
 * @param options - layers: builders of layers of your own, by type.
 *
 * @example
 * ```ts
 * const model = await load("model.safetensors");
 * ```
 * @throws GmnmError, one sentence that names the file, when it cannot be read or is not a model.
 */
export async function load(path: string, options: { layers?: LayerBuilders } = {}): Promise<Model> {
  return decodeModel(await readBytes(path), { ...options, source: path });
}
