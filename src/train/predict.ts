import type { numpy as np } from "@jax-js/jax";
import { compileFunction } from "../compile/compile.ts";
import type { Executor } from "../compile/executor.ts";
import { inFeaturesOf, type MatrixLike, toMatrix } from "../data/matrix.ts";
import { GmnmError } from "../errors.ts";
import type { Model } from "../model.ts";
import type { Params } from "../nn/layer.ts";
import { showShape, sizeOf, type Tensor } from "../tensor.ts";
import { expectFinite } from "./batches.ts";
import { type Examples, toTensors } from "./fit.ts";
import { type Metric, meanAbsoluteError, r2, rmse } from "./metrics.ts";

/** Options of {@link predict} and {@link evaluate}. */
export type PredictOptions = {
  /** Rows computed at a time: bounds the memory. Default 1024. */
  batchSize?: number;
  /** Default "auto". */
  executor?: Executor;
};

/**
 * What a model says about rows it is given: x (rows, inFeatures) → (rows, outFeatures).
 *
 * @example
 * ```ts
 * const { data } = await predict(model, x);
 * ```
 * @throws GmnmError when x does not fit the model or is not finite.
 */
export async function predict(model: Model, x: MatrixLike, options: PredictOptions = {}): Promise<Tensor> {
  const { layer, params } = model;
  const { batchSize = 1024, executor } = options;
  if (!(Number.isSafeInteger(batchSize) && batchSize >= 1)) {
    throw new GmnmError(`batchSize must be a whole number above 0, got ${batchSize}`);
  }
  const inputs = toMatrix("x", x, { columns: inFeaturesOf(layer.config) });
  expectFinite({ x: inputs });
  const [rows, ...features] = inputs.shape;
  if (!(rows >= 1)) throw new GmnmError(`predict needs at least one row, got x of shape ${showShape(inputs.shape)}`);
  const compiled = await compileFunction((p: Params, input: np.Array) => layer.apply(p, input, {}), { executor });
  const placed = compiled.upload(params);
  const width = sizeOf(features);
  // One shape is compiled: the last rows are padded with zeros to a whole batch.
  const size = Math.min(rows, batchSize);
  const parts: Tensor[] = [];
  try {
    for (let from = 0; from < rows; from += size) {
      const data = new Float32Array(size * width);
      data.set(inputs.data.subarray(from * width, (from + size) * width));
      parts.push((await compiled(placed, { data, shape: [size, ...features] })) as Tensor);
    }
  } finally {
    placed.dispose();
    compiled.dispose();
  }
  const outputs = parts[0].shape.slice(1);
  const data = new Float32Array(rows * sizeOf(outputs));
  parts.forEach((part, i) => {
    const at = i * size * sizeOf(outputs);
    data.set(part.data.subarray(0, data.length - at), at);
  });
  return { data, shape: [rows, ...outputs] };
}

/**
 * Compares predictions with targets. Default metrics: rmse, mae and r2.
 *
 * @example
 * ```ts
 * const { rmse } = await evaluate(model, { x, y });
 * const { accuracy } = await evaluate(model, { x, y }, { metrics: { accuracy } });
 * ```
 */
export async function evaluate<M extends string = "rmse" | "mae" | "r2">(
  model: Model,
  examples: Examples,
  options: PredictOptions & { metrics?: Record<M, Metric> } = {},
): Promise<Record<M, number>> {
  const metrics = options.metrics ?? ({ rmse, mae: meanAbsoluteError, r2 } as Record<M, Metric>);
  const { x, y } = toTensors(model.layer, examples);
  expectFinite({ y });
  const prediction = await predict(model, x, options);
  const results = Object.entries<Metric>(metrics).map(([name, metric]) => [name, metric(prediction, y)]);
  return Object.fromEntries(results);
}
