// Training that the caller takes step by step: for pages that draw what is learnt while it is learnt.
import type { Executor } from "../compile/executor.ts";
import { GmnmError } from "../errors.ts";
import { isLbfgs, type Lbfgs } from "../optim/lbfgs.ts";
import type { Optimizer } from "../optim/transform.ts";
import { disposeParams, type ParamTensors, placeParams } from "../params.ts";
import { Random } from "../random.ts";
import { expectFinite, shuffledBatches, type Tensors } from "./batches.ts";
import { compileTraining } from "./compile-training.ts";
import { type Progressed, sampleBatch } from "./descend.ts";
import { iterateLbfgs } from "./iterate-lbfgs.ts";
import type { Objective } from "./minimize.ts";
import { noiseShapesOf } from "./noise.ts";

/** Options of {@link stepwise}. */
export type StepwiseOptions = {
  optimizer: Optimizer | Lbfgs;
  /** Rows per step. Default all of them. */
  batchSize?: number;
  /** The number of steps that learning-rate schedules count on; more may be taken. Default 1000. */
  steps?: number;
  /** Seed of the shuffling. Default 0. */
  seed?: number;
  /** Default "auto". */
  executor?: Executor;
};

/** A training in the caller's hands. Calls must not overlap: await one before the next. */
export interface StepwiseTraining {
  /**
   * Takes one step and returns the loss before it; for L-BFGS an iteration and the loss after it. A step whose loss or gradient is not
   * finite changes nothing and returns NaN. `converged` is true where L-BFGS finds no better point.
   */
  step(): Promise<{ loss: number; converged: boolean }>;
  /** A copy of the parameters. */
  params(): Promise<ParamTensors>;
  /** Goes on from other parameters of the same shapes; Adam keeps its moments, L-BFGS forgets its pairs. */
  replace(params: ParamTensors): Promise<void>;
  dispose(): Promise<void>;
}

/**
 * What `minimize` does, step by step and without an end. Dropout and other layers that draw random numbers are refused.
 *
 * @example
 * ```ts
 * const training = await stepwise(objective, start, { x, y }, { optimizer: adam({ learningRate: 0.03, beta2: 0.99 }) });
 * for (let i = 0; i < 100; i++) show(await training.step());
 * const params = await training.params();
 * await training.dispose();
 * ```
 * @throws GmnmError when data is not finite, or the objective draws random numbers.
 */
export async function stepwise(
  objective: Objective,
  params: ParamTensors,
  data: Tensors,
  options: StepwiseOptions,
): Promise<StepwiseTraining> {
  expectFinite(data);
  if (noiseShapesOf(objective, params, sampleBatch(data, options.batchSize)).length > 0)
    throw new GmnmError("stepwise training needs a loss without random numbers; remove dropout");
  return isLbfgs(options.optimizer)
    ? iterations(objective, params, data, options.optimizer, options)
    : firstOrderSteps(objective, params, data, options.optimizer, options);
}

async function firstOrderSteps(
  objective: Objective,
  params: ParamTensors,
  data: Tensors,
  optimizer: Optimizer,
  { batchSize, steps = 1000, seed = 0, executor }: StepwiseOptions,
): Promise<StepwiseTraining> {
  const compiled = await compileTraining(objective, optimizer, params, { executor });
  const whole = batchSize === undefined ? compiled.upload({ data, noise: {} }) : undefined;
  const batches = batchSize === undefined ? undefined : endlessBatches(data, batchSize, new Random(seed));
  let step = 0;
  return {
    async step() {
      const batch = whole ?? compiled.upload({ data: batches!.next().value, noise: {} });
      const { loss, gradientNorm } = await compiled.run(batch, optimizer.learningRate(step++, steps));
      if (batch !== whole) batch.dispose();
      return { loss: Number.isFinite(gradientNorm) ? loss : Number.NaN, converged: false };
    },
    params: () => compiled.read(),
    replace: (next) =>
      compiled.refit((old) => {
        disposeParams(old);
        return placeParams(next);
      }),
    async dispose() {
      whole?.dispose();
      compiled.dispose();
    },
  };
}

/** The batches of one epoch after the other. */
function* endlessBatches(data: Tensors, batchSize: number, random: Random): Generator<Tensors, never> {
  for (;;) yield* shuffledBatches(data, batchSize, random);
}

/** L-BFGS has no step apart from its loop, so the loop is held where it is, and begun again from other parameters. */
async function iterations(
  objective: Objective,
  start: ParamTensors,
  data: Tensors,
  optimizer: Lbfgs,
  { batchSize, executor }: StepwiseOptions,
): Promise<StepwiseTraining> {
  if (batchSize !== undefined) throw new GmnmError("L-BFGS needs all rows in every step; leave out batchSize");
  const options = { executor, epochs: Number.POSITIVE_INFINITY };
  const begin = (params: ParamTensors): AsyncGenerator<Progressed> =>
    iterateLbfgs({ objective, params, data, optimizer, options, isStopped: () => false }, optimizer);
  let loop = begin(start);
  let read = async () => start;
  let loss = Number.NaN;
  let converged = false;
  return {
    async step() {
      const next = converged ? undefined : await loop.next();
      converged = next?.done ?? true;
      if (next && !next.done) ({ loss, read } = next.value);
      return { loss, converged };
    },
    params: () => read(),
    async replace(params) {
      await loop.return(undefined);
      loop = begin(params);
      read = async () => params;
      converged = false;
    },
    async dispose() {
      await loop.return(undefined);
    },
  };
}
