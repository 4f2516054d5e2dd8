import type { Executor } from "../compile/executor.ts";
import { type Dataset, type ExampleDataset, isDataset } from "../data/dataset.ts";
import { inFeaturesOf, type MatrixLike, toMatrix } from "../data/matrix.ts";
import { GmnmError } from "../errors.ts";
import type { Model } from "../model.ts";
import { showShape, sizeOf, type Tensor, type Tensors } from "../tensor.ts";
import { BATCH_ROWS, expectFinite, rowRanges, toDataset } from "./batches.ts";
import { type Examples, toTensors } from "./fit.ts";
import { type Metric, meanAbsoluteError, r2, rmse } from "./metrics.ts";
import { expectBatchSize, predictor } from "./predictor.ts";

/** Options of {@link predict} and {@link evaluate}. */
export type PredictOptions = {
  /** Rows computed at a time: bounds the memory. Default 1024, of a data set 256. */
  batchSize?: number;
  /** Default "auto". */
  executor?: Executor;
};

/**
 * What a model says about rows it is given: x (rows, inFeatures) → (rows, outFeatures); or about the x of a data set.
 *
 * @example
 * ```ts
 * const { data } = await predict(model, x);
 * ```
 * @throws GmnmError when x does not fit the model or is not finite.
 */
export async function predict(
  model: Model,
  x: MatrixLike | Dataset<{ x: Tensor }>,
  options: PredictOptions = {},
): Promise<Tensor> {
  if (isDataset(x)) return (await forward(model, x, options)).prediction;
  const inputs = toMatrix("x", x, { columns: inFeaturesOf(model.layer.config) });
  if (!(inputs.shape[0] >= 1))
    throw new GmnmError(`predict needs at least one row, got x of shape ${showShape(inputs.shape)}`);
  return (await forward(model, toDataset({ x: inputs }), { batchSize: 1024, ...options })).prediction;
}

/**
 * Compares predictions with targets, of examples or of a data set. Default metrics: rmse, mae and r2.
 *
 * @example
 * ```ts
 * const { rmse } = await evaluate(model, { x, y });
 * const { accuracy } = await evaluate(model, { x, y }, { metrics: { accuracy } });
 * ```
 */
export async function evaluate<M extends string = "rmse" | "mae" | "r2">(
  model: Model,
  examples: Examples | ExampleDataset,
  options: PredictOptions & { metrics?: Record<M, Metric> } = {},
): Promise<Record<M, number>> {
  const metrics = options.metrics ?? ({ rmse, mae: meanAbsoluteError, r2 } as Record<M, Metric>);
  const { prediction, target } = isDataset(examples)
    ? await forward(model, examples, options)
    : await withTargets(model, toTensors(model.layer, examples), options);
  const results = Object.entries<Metric>(metrics).map(([name, metric]) => [name, metric(prediction, target!)]);
  return Object.fromEntries(results);
}

async function withTargets(model: Model, { x, y }: { x: Tensor; y: Tensor }, options: PredictOptions) {
  expectFinite({ y });
  return { prediction: await predict(model, x, options), target: y };
}

/** Predictions, and targets where the data set has them, batch by batch, with nothing augmented. */
async function forward(
  model: Model,
  data: Dataset,
  { batchSize = BATCH_ROWS, executor }: PredictOptions,
): Promise<{ prediction: Tensor; target?: Tensor }> {
  expectBatchSize(batchSize);
  // One shape is compiled: the last rows are filled up to a whole batch.
  const size = Math.min(data.rows, batchSize);
  const say = await predictor(model, { batchSize: size, executor });
  const predictions = new Rows(data.rows);
  const targets = new Rows(data.rows);
  try {
    for (const rows of rowRanges(data.rows, size)) {
      const batch: Tensors = data.take(rows);
      expectFinite(batch, rows);
      predictions.add(await say(batch.x));
      if (batch.y) targets.add(batch.y);
    }
  } finally {
    await say.dispose();
  }
  return { prediction: predictions.whole!, target: targets.whole };
}

/** A tensor of so many rows, put together of others. */
class Rows {
  readonly #rows: number;
  #filled = 0;
  whole: Tensor | undefined;

  constructor(rows: number) {
    this.#rows = rows;
  }

  add({ data, shape: [rows, ...inner] }: Tensor): void {
    const width = sizeOf(inner);
    this.whole ??= { data: new Float32Array(this.#rows * width), shape: [this.#rows, ...inner] };
    this.whole.data.set(data, this.#filled * width);
    this.#filled += rows;
  }
}
