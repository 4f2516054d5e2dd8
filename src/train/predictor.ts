import type { numpy as np } from "@jax-js/jax";
import { compileFunction } from "../compile/compile.ts";
import type { Executor } from "../compile/executor.ts";
import { GmnmError } from "../errors.ts";
import type { Model } from "../model.ts";
import type { Params } from "../nn/layer.ts";
import { sizeOf, type Tensor } from "../tensor.ts";
import { expectFinite } from "./batches.ts";

/** Options of {@link predictor}. */
export type PredictorOptions = {
  /** Rows computed at a time; fewer are filled up, so that one shape is compiled. Default 64. */
  batchSize?: number;
  /** Default "auto". */
  executor?: Executor;
};

/** A model kept ready to predict; calls may overlap. */
export interface Predictor {
  /** x (rows, …) → (rows, …), for at least one row. */
  (x: Tensor): Promise<Tensor>;
  /** Waits for the calls under way, and frees what was compiled. */
  dispose(): Promise<void>;
}

/** Rows of one call: how many have been taken into a batch, how many have come back. */
type Job = {
  x: Tensor;
  taken: number;
  done: number;
  y?: Tensor;
  resolve(y: Tensor): void;
  reject(error: unknown): void;
};

/**
 * A model that is compiled once and predicts many times, as a server does. Calls that wait share a batch.
 *
 * @example
 * ```ts
 * const say = await predictor(model);
 * const y = await say(tensor([0.5, 0], [1, 2]));
 * await say.dispose();
 * ```
 * @throws GmnmError when x does not fit the model or is not finite; then only that call fails.
 */
export async function predictor({ layer, params }: Model, options: PredictorOptions = {}): Promise<Predictor> {
  const { batchSize = 64, executor } = options;
  expectBatchSize(batchSize);
  const compiled = await compileFunction((p: Params, x: np.Array) => layer.apply(p, x, {}), { executor });
  const placed = compiled.upload(params);
  const waiting: Job[] = [];
  let running: Promise<void> | undefined;
  let disposed = false;

  const work = async () => {
    while (waiting.length > 0) {
      const { batch, parts } = takeBatch(waiting, batchSize);
      try {
        giveBack((await compiled(placed, batch)) as Tensor, parts);
      } catch (error) {
        for (const { job } of parts) {
          job.reject(error);
          if (waiting.includes(job)) waiting.splice(waiting.indexOf(job), 1);
        }
      }
    }
    running = undefined;
  };

  const say = async (x: Tensor): Promise<Tensor> => {
    if (disposed) throw new GmnmError("this predictor has been disposed of");
    expectFinite({ x });
    const { promise, resolve, reject } = Promise.withResolvers<Tensor>();
    waiting.push({ x, taken: 0, done: 0, resolve, reject });
    running ??= work();
    return promise;
  };
  return Object.assign(say, {
    async dispose() {
      if (disposed) return;
      disposed = true;
      await running;
      placed.dispose();
      await compiled.dispose();
    },
  });
}

/** Throws unless it is a number of rows. */
export function expectBatchSize(batchSize: number): void {
  if (Number.isSafeInteger(batchSize) && batchSize >= 1) return;
  throw new GmnmError(`batchSize must be a whole number above 0, got ${batchSize}`);
}

/** Rows of a job that stand in a batch from a place on. */
type Part = { job: Job; rows: number };

/** A whole batch of the rows that have waited longest and have one shape; what is left over repeats the first row. */
function takeBatch(waiting: Job[], size: number): { batch: Tensor; parts: Part[] } {
  const row = waiting[0].x.shape.slice(1);
  const width = sizeOf(row);
  const data = new Float32Array(size * width);
  const parts: Part[] = [];
  let filled = 0;
  while (filled < size && waiting.length > 0 && String(waiting[0].x.shape.slice(1)) === String(row)) {
    const [job] = waiting;
    const rows = Math.min(size - filled, job.x.shape[0] - job.taken);
    data.set(job.x.data.subarray(job.taken * width, (job.taken + rows) * width), filled * width);
    job.taken += rows;
    filled += rows;
    parts.push({ job, rows });
    if (job.taken === job.x.shape[0]) waiting.shift();
  }
  for (; filled < size; filled++) data.copyWithin(filled * width, 0, width);
  return { batch: { data, shape: [size, ...row] }, parts };
}

/** Puts the rows of a batch into the results they belong to, and hands over those that are whole. */
function giveBack({ data, shape: [, ...inner] }: Tensor, parts: readonly Part[]): void {
  const width = sizeOf(inner);
  let at = 0;
  for (const { job, rows } of parts) {
    const total = job.x.shape[0];
    job.y ??= { data: new Float32Array(total * width), shape: [total, ...inner] };
    job.y.data.set(data.subarray(at * width, (at + rows) * width), job.done * width);
    job.done += rows;
    at += rows;
    if (job.done === total) job.resolve(job.y);
  }
}
