import type { numpy as np } from "@jax-js/jax";
import { tree } from "@jax-js/jax";
import { type Batch, type CompileOptions, compileFunction } from "../compile/compile.ts";
import { ready } from "../compile/executor.ts";
import { type ExampleDataset, isDataset, subset } from "../data/dataset.ts";
import { inFeaturesOf, type MatrixLike, toMatrix } from "../data/matrix.ts";
import { GmnmError } from "../errors.ts";
import type { Model } from "../model.ts";
import type { AnyLayer, Params } from "../nn/layer.ts";
import { isLbfgs } from "../optim/lbfgs.ts";
import { type ParamTensors, placeParams, readParams } from "../params.ts";
import { Random } from "../random.ts";
import { sizeOf, type Tensor, type Tensors } from "../tensor.ts";
import { BATCH_ROWS, expectFinite, rowRanges, rowsOf, selectRows, toDataset } from "./batches.ts";
import { defaultOptimizer } from "./default-optimizer.ts";
import { hashData } from "./fingerprint.ts";
import { compare, type Loss, mse } from "./losses.ts";
import { type MinimizeOptions, minimize } from "./minimize.ts";
import { reseed } from "./reseed.ts";
import type { Snapshots } from "./resume.ts";
import type { EpochRecord, StopReason } from "./run.ts";

/** Inputs and targets, row by row. */
export type Examples = { x: MatrixLike; y: MatrixLike };

/** Options of {@link fit}. */
export type FitOptions = Omit<MinimizeOptions, "validate" | "adapt"> & {
  /** Default {@link mse}. */
  loss?: Loss;
  /** Held-out data: examples, or a share of the given ones taken at random. Default none. */
  validation?: number | Examples | ExampleDataset;
  /**
   * At most so many training rows, taken at random, are what layers start from: their k-means, their spline grids. Default 2048, of a data
   * set 512, for there a row may be an image, and all of a network's layers see all of them at once. Our choice.
   */
  sampleRows?: number;
  /** Epochs after which layers refit what they hold to their input, such as a spline grid. Default none. */
  adaptAfter?: readonly number[];
  /** Epochs after which dead components of mixtures move to where the loss is, see {@link reseedDead}. Default none. */
  reseedAfter?: readonly number[];
};

/** What {@link fit} returns. */
export type FitResult = { model: Model; history: EpochRecord[]; stopped: StopReason };

/** Up to so many rows every step takes them all; above, a step takes {@link BATCH_ROWS}. Our choice. */
const FULL_BATCH_ROWS = 1024;
/** Rows that initialisers see: enough for a box, for k-means and for a spline grid; and of a data set. */
const [SAMPLE_ROWS, DATASET_SAMPLE_ROWS] = [2048, 512];

/**
 * Trains a layer, or trains a model further. Default batch: all rows up to 1024, else 256; of a data set always 256.
 *
 * @param model a layer, started from the data with `seed`, or a trained model.
 * @param examples x (rows, inFeatures) and y (rows, outFeatures), as tensors, rows, or flat typed arrays; or a {@link Dataset}, which
 * makes x and y of any rank batch by batch.
 * @returns the trained model, the history, and why training ended.
 * @example
 * ```ts
 * const { model, history } = await fit(gmnm(2, 1), { x, y }, { epochs: 500, validation: 0.1 });
 * ```
 * @throws GmnmError for data of the wrong shape or not finite; {@link NonFiniteError}, with what was learnt so far, when the loss or a
 * gradient stops being finite.
 */
export async function fit(
  model: AnyLayer | Model,
  examples: Examples | ExampleDataset,
  options: FitOptions = {},
): Promise<FitResult> {
  const {
    loss = mse,
    validation,
    adaptAfter = [],
    reseedAfter = [],
    sampleRows,
    seed = 0,
    executor,
    threads,
    snapshots,
    ...rest
  } = options;
  await ready(executor);
  const layer = "layer" in model ? model.layer : model;
  const random = new Random(seed);
  const { training, heldOut } = split(layer, examples, validation, random.split());
  const source = toDataset(training);
  const { rows } = source;
  if (!(Number.isSafeInteger(sampleRows ?? 1) && (sampleRows ?? 1) >= 1))
    throw new GmnmError(`sampleRows must be a whole number above 0, got ${sampleRows}`);
  const sampled = sampleRows ?? (isDataset(training) ? DATASET_SAMPLE_ROWS : SAMPLE_ROWS);
  const sample = source.take(random.permutation(rows).subarray(0, sampled));
  const start = "layer" in model ? model.params : initialParams(layer, random.split(), sample.x);
  const usesAllRows = rows <= FULL_BATCH_ROWS || (rest.optimizer !== undefined && isLbfgs(rest.optimizer));
  const objective = (p: Params, { x, y }: Record<string, np.Array>, context: object) =>
    compare(loss, layer.apply(p, x, context), y);
  const validate = heldOut && (await validator(layer, loss, heldOut, { executor, threads }));
  const refit = (p: Params, epoch: number) => {
    const adapted = adaptAfter.includes(epoch) && layer.adapt ? layer.adapt(p, sample.x) : p;
    return reseedAfter.includes(epoch) ? reseedArrays(layer, adapted, { x: sample.x, y: sample.y }, loss) : adapted;
  };
  /** What a snapshot is of, beside what `minimize` knows. */
  const identify = async ({ of }: Snapshots) => ({
    layer: layer.config,
    // What a layer starts from follows from data and seed, up to the last bits of another machine's arithmetic.
    ...("layer" in model ? {} : { start: "made of the data" }),
    validation: heldOut && (await hashData(heldOut)),
    sampleRows: sampled,
    adaptAfter,
    reseedAfter,
    ...of,
  });
  const after = [...(layer.adapt ? adaptAfter : []), ...reseedAfter];
  try {
    const { params, history, stopped } = await minimize(objective, start, training, {
      ...rest,
      optimizer: rest.optimizer ?? defaultOptimizer(sizeOf(sample.x.shape.slice(1))),
      // A data set's own default is minimize's.
      batchSize: rest.batchSize ?? (usesAllRows || isDataset(training) ? undefined : BATCH_ROWS),
      seed,
      executor,
      threads,
      validate: validate?.run,
      adapt: after.length > 0 ? { after, refit } : undefined,
      snapshots: snapshots && {
        // Called on the caller's object, which may be of a class.
        load: () => snapshots.load(),
        save: (bytes) => snapshots.save(bytes),
        every: snapshots.every,
        source: snapshots.source,
        of: await identify(snapshots),
      },
    });
    return { model: { layer, params }, history, stopped };
  } finally {
    validate?.dispose();
  }
}

/** Parameters as a layer starts, in ordinary memory. */
export function initialParams(layer: AnyLayer, random: Random, sample?: Tensor): ParamTensors {
  const arrays = layer.init(random, sample) as Params;
  const params = readParams(arrays);
  tree.dispose(arrays);
  return params;
}

/** Dead components moved to where the loss is; consumes params. */
function reseedArrays(layer: AnyLayer, params: Params, sample: { x: Tensor; y: Tensor }, loss: Loss): Params {
  const { model, moved } = reseed({ layer, params: readParams(params) }, sample, { loss });
  if (moved === 0) return params;
  tree.dispose(params);
  return placeParams(model.params);
}

/** x and y as tensors that fit the layer and each other. */
export function toTensors(layer: AnyLayer, { x, y }: Examples): { x: Tensor; y: Tensor } {
  const inputs = toMatrix("x", x, { columns: inFeaturesOf(layer.config) });
  const data = { x: inputs, y: toMatrix("y", y, { rows: inputs.shape[0] }) };
  rowsOf(data);
  return data;
}

type Data = { x: Tensor; y: Tensor } | ExampleDataset;

/** What to train on and what to hold out. Tensors are checked; a data set answers for its own rows. */
function split(
  layer: AnyLayer,
  examples: Examples | ExampleDataset,
  validation: FitOptions["validation"],
  random: Random,
): { training: Data; heldOut?: Data } {
  const data = isDataset(examples) ? examples : toTensors(layer, examples);
  if (!isDataset(data)) expectFinite(data);
  const rows = rowsOf(data);
  if (validation === undefined) return { training: data };
  if (typeof validation === "object") {
    if (isDataset(validation)) return { training: data, heldOut: validation };
    const heldOut = toTensors(layer, validation);
    expectFinite({ "validation x": heldOut.x, "validation y": heldOut.y });
    return { training: data, heldOut };
  }
  const held = Math.round(rows * validation);
  if (!(held >= 1 && held < rows)) {
    throw new GmnmError(
      `validation must leave at least one of ${rows} rows on either side, got a share of ${validation}`,
    );
  }
  const order = random.permutation(rows);
  const select = (chosen: Uint32Array) => (isDataset(data) ? subset(data, chosen) : selectRows(data, chosen)) as Data;
  return { training: select(order.subarray(held)), heldOut: select(order.subarray(0, held)) };
}

/** The loss on held-out rows: of tensors all at once, of a data set in batches, for losses that are means over rows. */
async function validator(layer: AnyLayer, loss: Loss, heldOut: Data, options: CompileOptions) {
  const rows = rowsOf(heldOut);
  const compiled = await compileFunction(
    (p: Params, { x, y }: Record<string, np.Array>) => compare(loss, layer.apply(p, x, {}), y),
    options,
  );
  const lossOf = async (params: ParamTensors, batch: Tensors | Batch) =>
    ((await compiled(params, batch)) as Tensor).data[0];
  if (!isDataset(heldOut)) {
    const all = compiled.upload(heldOut);
    const dispose = () => {
      all.dispose();
      compiled.dispose();
    };
    return { run: (params: ParamTensors) => lossOf(params, all), dispose };
  }
  const run = async (params: ParamTensors) => {
    let sum = 0;
    for (const batch of rowRanges(rows, BATCH_ROWS)) sum += batch.length * (await lossOf(params, heldOut.take(batch)));
    return sum / rows;
  };
  return { run, dispose: () => compiled.dispose() };
}
