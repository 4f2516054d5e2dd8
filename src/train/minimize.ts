import type { numpy as np } from "@jax-js/jax";
import type { CompileOptions } from "../compile/compile.ts";
import type { Executor } from "../compile/executor.ts";
import { type Dataset, isDataset } from "../data/dataset.ts";
import { GmnmError } from "../errors.ts";
import type { Context, Params } from "../nn/layer.ts";
import { isLbfgs, type Lbfgs } from "../optim/lbfgs.ts";
import type { Optimizer } from "../optim/transform.ts";
import { countParameters, type ParamTensors } from "../params.ts";
import { BATCH_ROWS, expectFinite, rowsOf, type Tensors } from "./batches.ts";
import { defaultOptimizer } from "./default-optimizer.ts";
import { descend, type Training } from "./descend.ts";
import { breather, onInterrupt } from "./interrupt.ts";
import { iterateLbfgs } from "./iterate-lbfgs.ts";
import { type Progress, progressCallback } from "./progress.ts";
import { openSnapshots, type Snapshots } from "./resume.ts";
import type { Callback, EpochRecord, Run, StopReason } from "./run.ts";

/** What to make small: (params, batch, context) → scalar. Consumes its arrays; is traced, so it must be pure. */
export type Objective = (params: Params, batch: Record<string, np.Array>, context: Context) => np.Array;

/** Options of {@link minimize}. */
export type MinimizeOptions = {
  /** Default {@link defaultOptimizer}: Adam with β₂ = 0.99 and a cosine schedule from 0.03. */
  optimizer?: Optimizer | Lbfgs;
  /** Passes over the data; for L-BFGS, iterations. Default 100. */
  epochs?: number;
  /** Rows per step. Default: all of them in every step; of a {@link Dataset}, 256 or as many as there are. */
  batchSize?: number;
  /** Seed of the shuffling and of dropout. Default 0. */
  seed?: number;
  callbacks?: Callback[];
  /** Loss on held-out data, measured after every `validateEvery` epochs. */
  validate?: (params: ParamTensors) => Promise<number>;
  /** Default: two hundred times in a run. */
  validateEvery?: number;
  /** Refits buffers, or parameters, to the data after some epochs. `refit` consumes params and keeps their shapes. */
  adapt?: { after: readonly number[]; refit: (params: Params, epoch: number) => Params };
  /** Default "auto". */
  executor?: Executor;
  /** Threads of the native executor, at most (see {@link CompileOptions}): the same seed gives the same bits with as many threads as before. */
  threads?: number;
  /**
   * Keeps the training while it runs. When it was killed, the same call goes on from there, to the same parameters and history, bit for bit, as
   * if nothing had happened (only `seconds` do not count the time in between). Default none.
   */
  snapshots?: Snapshots;
  /** "terminal" draws a bar on a terminal, "auto" prints plain lines elsewhere, too; false shows nothing. Default "terminal". */
  progress?: Progress;
};

/** What {@link minimize} returns. */
export type MinimizeResult = { params: ParamTensors; history: EpochRecord[]; stopped: StopReason };

/**
 * Minimises any differentiable objective over data: what `fit` is made of, and what to use for physics-informed losses.
 * Data is tensors, or a {@link Dataset} that makes its rows batch by batch. Ctrl-C ends the run after the current step and returns what was learnt.
 *
 * @example
 * ```ts
 * const { params } = await minimize((p, { x }) => loss(p, x), start, { x: points }, { optimizer: adam({ learningRate: 0.01 }) });
 * ```
 * @throws GmnmError when data is not finite; {@link NonFiniteError}, with what was learnt so far, when the loss or a gradient stops being
 * finite: the message names the step and the array.
 */
export async function minimize(
  objective: Objective,
  params: ParamTensors,
  data: Tensors | Dataset,
  options: MinimizeOptions = {},
): Promise<MinimizeResult> {
  const { optimizer = defaultOptimizer(), epochs = 100, validate, progress = "terminal" } = options;
  if (!(Number.isSafeInteger(epochs) && epochs >= 0))
    throw new GmnmError(`epochs must be a whole number, got ${epochs}`);
  if (countParameters(params) === 0) throw new GmnmError("there is nothing to train: the model has no parameters");
  const streams = isDataset(data);
  if (!streams) expectFinite(data);
  const validateEvery = options.validateEvery ?? Math.ceil(epochs / 200);
  const usesBatches = streams && !isLbfgs(optimizer);
  const batchSize = options.batchSize ?? (usesBatches ? Math.min(BATCH_ROWS, rowsOf(data)) : undefined);
  let stopped: StopReason | undefined;
  const isStopped = () => stopped !== undefined;
  const training: Training = {
    objective,
    params,
    data,
    optimizer,
    options: { ...options, epochs, batchSize, validateEvery },
    isStopped,
  };
  const own = options.callbacks ?? [];
  const snapshots = options.snapshots && (await openSnapshots(options.snapshots, training, own));
  const { history = [], kept: keptBefore, params: start = params, ended } = snapshots?.found ?? {};
  const shown = progressCallback(progress);
  const callbacks = [...own, ...shown];
  let kept = keptBefore;
  let current = async () => start;
  if (ended) {
    for (const callback of own) await callback.onEnd?.(ended);
    return { params: kept ?? start, history, stopped: ended };
  }
  const run: Run = {
    epochs,
    validates: validate !== undefined,
    stop: (reason = "callback") => {
      stopped ??= reason;
    },
    params: () => current(),
    keep: (best) => {
      kept = best;
    },
  };
  const interrupt = onInterrupt(() => run.stop("interrupted"));
  const breathe = breather();
  const began = performance.now() - 1000 * (history.at(-1)?.seconds ?? 0);
  const begin = { ...training, params: start };
  const epochsOf = isLbfgs(optimizer)
    ? iterateLbfgs(begin, optimizer, snapshots?.from)
    : descend(begin, optimizer, snapshots?.from);
  try {
    for await (const { read, state, ...progressed } of epochsOf) {
      current = read;
      const record: EpochRecord = {
        epoch: history.length + 1,
        ...progressed,
        seconds: (performance.now() - began) / 1000,
      };
      if (validate && (record.epoch % validateEvery === 0 || record.epoch === epochs))
        record.validationLoss = await validate(await read());
      history.push(record);
      for (const callback of callbacks) await callback.onEpoch?.(record, run);
      await breathe();
      if (stopped) break;
      if (record.epoch < epochs && snapshots?.isDue(record.epoch))
        await snapshots.save({ history, params: await read(), kept, loop: await state() });
    }
    const reason = stopped ?? (history.length < epochs ? "converged" : "completed");
    const result = { params: kept ?? (await current()), history, stopped: reason };
    // Who stopped a training by hand may want to go on with it, from the last snapshot: this epoch may not be a whole one.
    if (reason !== "interrupted" && reason !== "callback")
      await snapshots?.save({ history, params: await current(), kept, ended: reason });
    for (const callback of callbacks) await callback.onEnd?.(reason);
    return result;
  } catch (error) {
    for (const callback of shown) await callback.onEnd("failed");
    throw error;
  } finally {
    interrupt.release();
    await epochsOf.return(undefined);
  }
}
