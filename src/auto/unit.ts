// One training of one candidate with one fold held out: what worker processes do, and what a store keeps.
import { compileFunction } from "../compile/compile.ts";
import { type Executor, ready } from "../compile/executor.ts";
import { GmnmError } from "../errors.ts";
import { decodeSafetensors, encodeSafetensors } from "../io/safetensors.ts";
import type { AnyLayer, Params } from "../nn/layer.ts";
import { fromConfig } from "../nn/registry.ts";
import { adamw } from "../optim/adam.ts";
import { relativeOver } from "../optim/scale-by-size.ts";
import { cosine } from "../optim/schedules.ts";
import { fillParams, namedTensors, type ParamTensors } from "../params.ts";
import { Random } from "../random.ts";
import { type Tensor, takeRows, zeros } from "../tensor.ts";
import { rowRanges } from "../train/batches.ts";
import { fit, initialParams } from "../train/fit.ts";
import { crossEntropy, mse } from "../train/losses.ts";
import { NonFiniteError } from "../train/non-finite.ts";
import type { Candidate } from "./candidates.ts";
import { constantOf } from "./constant.ts";
import { ridge } from "./ridge.ts";
import type { TableTask } from "./types.ts";

/** What a unit needs to know beside the data. */
export type Unit = {
  candidate: Candidate;
  task: TableTask;
  seed: number;
  /** Passes over the training rows. */
  epochs: number;
  /** Rows per step; null for all of them, of which there are at most 1024. */
  batchSize: number | null;
  executor?: Executor;
};

/** Rows to train on and rows to judge by. */
export type Examples = { x: Tensor; y: Tensor };

/** What a unit leaves: the model at some epochs, and what it said then about the held-out rows. */
export type UnitResult = {
  /** Epochs of the snapshots. */
  epochs: number[];
  /** Training loss at the snapshots. */
  losses: number[];
  /** (rows, outputs) per snapshot. */
  predictions: Tensor[];
  params: ParamTensors[];
};

/** Shares of the epochs after which a snapshot is taken. Our choice. */
const SNAPSHOTS = [0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];
/** Of how many rows layers see a sample when they start. */
const SAMPLE_ROWS = 2048; // what fit takes, too
/** A spline grid follows what it sees after these shares of the epochs. */
const ADAPT_AT = [0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5];
/** Rows predicted at a time. */
const PREDICT_ROWS = 1024;

/** The epochs of the snapshots of a training of so many. */
export const snapshotEpochs = (epochs: number): number[] => [
  ...new Set(SNAPSHOTS.map((share) => Math.max(1, Math.round(share * epochs)))),
];

/**
 * Trains a candidate, and predicts the held-out rows at every snapshot. Deterministic: the same unit on the same data gives the same bits on one executor.
 *
 * @param onEpoch called after every epoch with the share that is done; where it says false, training ends there.
 * @throws NonFiniteError when the training diverges.
 */
export async function runUnit(
  unit: Unit,
  training: Examples,
  heldOut: Tensor,
  onEpoch: (share: number) => boolean = () => true,
): Promise<UnitResult> {
  const { candidate, task, seed, epochs, batchSize, executor } = unit;
  await ready(executor);
  const layer = fromConfig(candidate.config);
  if (layer.config.type === "linear" && task === "regression") {
    const params = ridge(training.x, training.y, { seed });
    return {
      epochs: [1],
      losses: [0],
      predictions: await predictAll(layer, [params], heldOut, executor),
      params: [params],
    };
  }
  const start = startOf(layer, training, task, new Random(seed));
  const wanted = new Set(snapshotEpochs(epochs));
  const result: Omit<UnitResult, "predictions"> = { epochs: [], losses: [], params: [] };
  const { stopped } = await fit({ layer, params: start }, training, {
    loss: task === "regression" ? mse : crossEntropy,
    optimizer: adamw({
      learningRate: cosine(candidate.learningRate),
      beta2: batchSize === null ? 0.99 : 0.999,
      weightDecay: candidate.weightDecay,
      decays: (path) => decays(path, candidate.decayProjections === true),
      relative: relativeOver(training.x.shape[1]),
    }),
    epochs,
    batchSize: batchSize ?? undefined,
    seed,
    executor,
    // Wherever it runs, alone or beside others, to the same bits.
    threads: 1,
    progress: false,
    adaptAfter: ADAPT_AT.map((share) => Math.round(share * epochs)),
    callbacks: [
      {
        async onEpoch({ epoch, loss }, run) {
          if (!onEpoch(epoch / epochs)) run.stop();
          if (!wanted.has(epoch)) return;
          result.epochs.push(epoch);
          result.losses.push(loss);
          result.params.push(await run.params());
        },
      },
    ],
  });
  // Ctrl-C reaches every process of a terminal: half a training must not be taken for a whole one.
  if (stopped === "interrupted") throw new GmnmError("training was interrupted");
  return { ...result, predictions: await predictAll(layer, result.params, heldOut, executor) };
}

const DECAYING = new Set(["weights", "coefficients", "base", "skip"]);
const decays = (path: string, projections: boolean): boolean => {
  const name = path.slice(path.lastIndexOf(".") + 1);
  return DECAYING.has(name) || (projections && name === "projections");
};

/**
 * A layer's start from the rows. The linear path of a mixture starts from least squares; for classes its bias, as that of a linear model, starts
 * from their frequencies, and a linear model's weights from 0, for its loss has one valley.
 */
function startOf(layer: AnyLayer, { x, y }: Examples, task: TableTask, random: Random): ParamTensors {
  const sample = takeRows(x, random.permutation(x.shape[0]).subarray(0, SAMPLE_ROWS));
  const params = initialParams(layer, random, sample) as Record<string, Tensor>;
  const { type } = layer.config;
  if (type === "linear") return { weights: zeros(params.weights.shape), bias: constantOf(task, y) };
  if (type !== "gmnm" || !params.skip || !params.bias) return params;
  if (task === "classification") return { ...params, bias: constantOf(task, y) };
  const { weights, bias } = ridge(x, y);
  return { ...params, skip: weights, bias };
}

/** What a layer with each of several parameters says about rows, (rows, outputs) each; compiled once. */
export async function predictAll(
  layer: AnyLayer,
  params: readonly ParamTensors[],
  x: Tensor,
  executor?: Executor,
): Promise<Tensor[]> {
  const rows = x.shape[0];
  const size = Math.min(rows, PREDICT_ROWS);
  const compiled = await compileFunction((p: Params, input: never) => layer.apply(p, input, {}), { executor });
  try {
    const results: Tensor[] = [];
    for (const one of params) {
      const parts: Tensor[] = [];
      for (const range of rowRanges(rows, size)) {
        // One shape is compiled: the last rows are filled up with the first.
        const filled = new Uint32Array(size);
        filled.set(range);
        parts.push((await compiled(one, takeRows(x, filled))) as Tensor);
      }
      const width = parts[0].shape[1];
      const data = new Float32Array(rows * width);
      for (const [i, { data: said }] of parts.entries())
        data.set(said.subarray(0, (rows - i * size) * width), i * size * width);
      results.push({ data, shape: [rows, width] });
    }
    return results;
  } finally {
    compiled.dispose();
  }
}

/** What became of a unit: it ended well, it diverged with these words, or it was left out because time was up. */
export type UnitOutcome = UnitResult | { failed: string } | { cut: true };

/** A result as bytes for a {@link Store}. */
export function encodeUnit(result: UnitOutcome): Uint8Array {
  if ("cut" in result) return encodeSafetensors([], { cut: "true" });
  if ("failed" in result) return encodeSafetensors([], { failed: result.failed });
  const tensors = result.params.flatMap((params, i) => [
    [`${i}.predictions`, result.predictions[i]] as const,
    ...namedTensors(params).map(([name, value]) => [`${i}.params.${name}`, value] as const),
  ]);
  return encodeSafetensors(tensors, { epochs: JSON.stringify(result.epochs), losses: JSON.stringify(result.losses) });
}

/** What {@link encodeUnit} kept; the candidate's layer gives the parameters their form. */
export function decodeUnit(bytes: Uint8Array, { config }: Candidate): UnitOutcome {
  const { tensors, metadata } = decodeSafetensors(bytes, "a stored unit");
  if (metadata.cut !== undefined) return { cut: true };
  if (metadata.failed !== undefined) return { failed: metadata.failed };
  const epochs: number[] = JSON.parse(metadata.epochs);
  const example = exampleOf(config);
  const params = epochs.map((_, i) => {
    const prefix = `${i}.params.`;
    const own = [...tensors].filter(([name]) => name.startsWith(prefix));
    return fillParams(example, new Map(own.map(([name, value]) => [name.slice(prefix.length), value])));
  });
  return {
    epochs,
    losses: JSON.parse(metadata.losses),
    predictions: epochs.map((_, i) => tensors.get(`${i}.predictions`)!),
    params,
  };
}

/** Parameters of the layer's form. Mixtures start at random here, for there are no rows to start them from. */
function exampleOf(config: Candidate["config"]): ParamTensors {
  const layer = fromConfig(config.type === "gmnm" ? { ...config, initializer: "random" } : config);
  return initialParams(layer, new Random(0));
}

/** A unit's bytes, whatever happens in it. */
export async function unitBytes(...args: Parameters<typeof runUnit>): Promise<Uint8Array> {
  try {
    return encodeUnit(await runUnit(...args));
  } catch (error) {
    if (!(error instanceof NonFiniteError)) throw error;
    return encodeUnit({ failed: error.message });
  }
}
