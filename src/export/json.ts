import { GmnmError } from "../errors.ts";
import { decodeModel, describe, expectFinite } from "../io/model-file.ts";
import { encodeSafetensors } from "../io/safetensors.ts";
import type { Model } from "../model.ts";
import { namedTensors } from "../params.ts";
import { checkAnyPreprocessing } from "../table/check-series.ts";
import type { AnyPreprocessing } from "../table/json-rows.ts";
import { sizeOf, type Tensor } from "../tensor.ts";

/** The document that {@link toJson} writes. */
export type ModelJson = {
  format: "gmnm model";
  version: 1;
  /** The layers, as {@link fromConfig} rebuilds them. */
  config: Record<string, unknown>;
  /** From columns to features and back. */
  preprocessing: AnyPreprocessing;
  /** By name, such as "0.weights": the shape, and float32 numbers, row-major, in the fewest digits that read back to the same bits. */
  tensors: Record<string, { shape: number[]; data: number[] }>;
};

/**
 * A model with its preprocessing as one JSON document ({@link ModelJson}), for programs of any language. {@link fromJson} reads it back.
 *
 * @example
 * ```ts
 * await writeAtomic("model.json", toJson(model, preprocessing));
 * ```
 * @throws GmnmError for parameters that are not finite.
 */
export function toJson(model: Model, preprocessing: AnyPreprocessing): string {
  const named = namedTensors(model.params);
  expectFinite(named);
  const head = { format: "gmnm model", version: 1, config: model.layer.config, preprocessing };
  // A tensor's numbers on one line: a column of a million lines helps nobody.
  const tensors = named.map(([name, { data, shape }]) => {
    const numbers = Array.from(data, shortest).join(",");
    return `    ${JSON.stringify(name)}: { "shape": ${JSON.stringify(shape)}, "data": [${numbers}] }`;
  });
  return `${JSON.stringify(head, null, 2).slice(0, -2)},\n  "tensors": {\n${tensors.join(",\n")}\n  }\n}\n`;
}

/** The fewest digits that read back to the same float32; nine always do. */
export function shortest(value: number): string {
  if (Object.is(value, -0)) return "-0";
  for (let digits = 6; digits < 9; digits++) {
    const text = String(Number(value.toPrecision(digits)));
    if (Math.fround(Number(text)) === value) return text;
  }
  return String(Number(value.toPrecision(9)));
}

/**
 * The model and preprocessing of a document that {@link toJson} wrote; checked, whoever wrote it.
 *
 * @param source - what the document is called in messages.
 * @throws GmnmError, one sentence that names the source, for text that is not such a document.
 */
export function fromJson(text: string, source = "model"): { model: Model; preprocessing: AnyPreprocessing } {
  let document: Partial<ModelJson>;
  try {
    document = Object(JSON.parse(text));
  } catch (cause) {
    throw new GmnmError(`${source} is not JSON: ${(cause as Error).message}`, { cause });
  }
  const { format, version, config, tensors } = document;
  if (format !== "gmnm model") throw new GmnmError(`${source}: JSON, but not a gmnm model`);
  if (version !== 1) {
    throw new GmnmError(`${source}: a document of version ${String(version)}, but this library reads version 1`);
  }
  const preprocessing = checkAnyPreprocessing(document.preprocessing, source);
  const named = Object.entries(Object(tensors)).map(
    ([name, tensor]) => [name, tensorOf(source, name, tensor)] as const,
  );
  // As a model file it goes through all checks of one.
  const bytes = encodeSafetensors(named, describe({ config } as never));
  return { model: decodeModel(bytes, { source }), preprocessing };
}

function tensorOf(source: string, name: string, value: unknown): Tensor {
  const { shape, data } = Object(value) as { shape?: unknown; data?: unknown };
  const isShape = Array.isArray(shape) && shape.every((side) => Number.isSafeInteger(side) && side >= 0);
  if (!isShape || !Array.isArray(data) || sizeOf(shape) !== data.length || data.some((v) => typeof v !== "number")) {
    throw new GmnmError(`${source}: tensor ${JSON.stringify(name)} must have a shape and as many numbers as it holds`);
  }
  return { data: Float32Array.from(data), shape };
}
