import * as v from "valibot";
import type { Batch } from "../compile/compile.ts";
import { ready } from "../compile/executor.ts";
import type { Dataset } from "../data/dataset.ts";
import { GmnmError } from "../errors.ts";
import type { Lbfgs } from "../optim/lbfgs.ts";
import type { Optimizer } from "../optim/transform.ts";
import { fillParams, type ParamTensors } from "../params.ts";
import { Random } from "../random.ts";
import { allRows, rowsOf, shuffledBatches, type Tensors } from "./batches.ts";
import { compileTraining } from "./compile-training.ts";
import { breather } from "./interrupt.ts";
import type { MinimizeOptions, Objective } from "./minimize.ts";
import { drawNoise, noiseShapesOf } from "./noise.ts";
import { describeNonFinite, NonFiniteError } from "./non-finite.ts";
import { float32, type LoopState, naming } from "./snapshot.ts";

/** A training as `minimize` hands it to an optimiser's loop. */
export type Training = {
  objective: Objective;
  params: ParamTensors;
  data: Tensors | Dataset;
  optimizer: Optimizer | Lbfgs;
  options: MinimizeOptions & { epochs: number };
  isStopped: () => boolean;
};

/** After an epoch: its mean loss, and ways to copy the parameters and what else the loop goes on from. */
export type Progressed = {
  step: number;
  loss: number;
  learningRate?: number;
  read: () => Promise<ParamTensors>;
  state: () => Promise<LoopState>;
};

/** Where a loop goes on: after so many epochs, with what a snapshot from `source` says, still to be checked. */
export type LoopStart = { epoch: number; loop: LoopState; source: string };

const Values = v.object({
  step: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  random: v.object({ words: v.array(v.number()), spare: v.optional(v.number()) }),
});

function readValues({ values }: LoopState): { random: Random; step: number } {
  const { step, random } = v.parse(Values, values);
  return { step, random: Random.at(random) };
}

/** First-order training: one compiled step per batch. */
export async function* descend(
  training: Training,
  optimizer: Optimizer,
  start?: LoopStart,
): AsyncGenerator<Progressed> {
  const { objective, data, options } = training;
  const { epochs, seed = 0, batchSize, executor, threads } = options;
  const { random, step: stepsBefore } = start
    ? naming(start.source, () => readValues(start.loop))
    : { random: new Random(seed), step: 0 };
  const everything = batchSize === undefined ? allRows(data) : undefined;
  const sample = everything ?? sampleBatch(data, batchSize);
  await ready(executor);
  const noiseShapes = noiseShapesOf(objective, training.params, sample);
  const compiled = await compileTraining(objective, optimizer, training.params, {
    executor,
    threads,
    state: start && ((example) => naming(start.source, () => fillParams(example, float32(start.loop.tensors)))),
  });
  const breathe = breather();
  // Training ends before its result is read: the last parameters outlive the executor's copy.
  let last: ParamTensors | undefined;
  const read = async () => last ?? compiled.read();
  const totalSteps = epochs * stepsPerEpoch(data, batchSize);
  // Nothing changes between full-batch steps without noise: one copy on the executor serves them all.
  const whole = everything && noiseShapes.length === 0 ? compiled.upload({ data: everything, noise: {} }) : undefined;
  let step = stepsBefore;
  const state = async () => ({
    values: { step, random: random.state },
    tensors: new Map(await compiled.readState()),
  });
  try {
    for (let epoch = (start?.epoch ?? 0) + 1; epoch <= epochs; epoch++) {
      let total = 0;
      let count = 0;
      let learningRate = 0;
      for (const tensors of everything ? [everything] : shuffledBatches(data, batchSize!, random)) {
        const batch: Batch = whole ?? compiled.upload({ data: tensors, noise: drawNoise(noiseShapes, random) });
        learningRate = optimizer.learningRate(step, totalSteps);
        const { loss, gradientNorm } = await compiled.run(batch, learningRate);
        if (batch !== whole) batch.dispose();
        step++;
        await breathe();
        if (!Number.isFinite(loss + gradientNorm)) {
          const learnt = await read();
          const culprit = await describeNonFinite(objective, learnt, tensors, loss, executor);
          throw new NonFiniteError(
            `training stopped at step ${step} (epoch ${epoch}): loss ${loss}, ${culprit}. The learning rate was ${learningRate}; try a lower one`,
            learnt,
          );
        }
        total += loss;
        count++;
        if (training.isStopped()) break;
      }
      const { adapt } = options;
      if (adapt?.after.includes(epoch)) await compiled.refit((p) => adapt.refit(p, epoch));
      yield { step, loss: total / count, learningRate, read, state };
    }
  } finally {
    last = await read();
    whole?.dispose();
    compiled.dispose();
  }
}

/** Steps that take every row once, except those that do not fill a batch. */
export const stepsPerEpoch = (data: Tensors | Dataset, batchSize: number | undefined): number =>
  batchSize === undefined ? 1 : Math.floor(rowsOf(data) / batchSize);

/** A batch to trace with. */
export function sampleBatch(data: Tensors | Dataset, batchSize: number | undefined): Tensors {
  if (batchSize === undefined) return allRows(data);
  const rows = rowsOf(data);
  if (!(Number.isSafeInteger(batchSize) && batchSize >= 1 && batchSize <= rows)) {
    throw new GmnmError(`batchSize must be a whole number from 1 to the ${rows} rows there are, got ${batchSize}`);
  }
  return shuffledBatches(data, batchSize, new Random(0)).next().value as Tensors;
}
