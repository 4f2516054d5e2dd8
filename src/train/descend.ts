import { tree } from "@jax-js/jax";
import { type Batch, compileStep } from "../compile/compile.ts";
import { ready } from "../compile/executor.ts";
import { GmnmError } from "../errors.ts";
import type { Params } from "../nn/layer.ts";
import type { Optimizer } from "../optim/transform.ts";
import { fillParams, type ParamTensors, partition, placeParams, readParams } from "../params.ts";
import { Random } from "../random.ts";
import type { Tensor } from "../tensor.ts";
import { rowsOf, shuffledBatches, type Tensors } from "./batches.ts";
import { breather } from "./interrupt.ts";
import type { MinimizeOptions, Objective } from "./minimize.ts";
import { drawNoise, noiseShapesOf } from "./noise.ts";
import { describeNonFinite, NonFiniteError } from "./non-finite.ts";
import { Ravel } from "./ravel.ts";
import { type SplitParams, trainingStep } from "./training-step.ts";

/** A training as `minimize` hands it to an optimiser's loop. */
export type Training = {
  objective: Objective;
  params: ParamTensors;
  data: Tensors;
  options: MinimizeOptions & { epochs: number };
  isStopped: () => boolean;
};

/** After an epoch: its mean loss, and a way to copy the parameters. */
export type Progressed = { step: number; loss: number; learningRate?: number; read: () => ParamTensors };

/** First-order training: one compiled step per batch. */
export async function* descend(training: Training, optimizer: Optimizer): AsyncGenerator<Progressed> {
  const { objective, data, options } = training;
  const { epochs, seed = 0, batchSize, executor } = options;
  const device = await ready(executor);
  const random = new Random(seed);
  const sample = batchSize === undefined ? data : firstRows(data, batchSize);
  const start = placeParams(training.params, device);
  const { trainable, buffers, combine } = partition(start);
  const ravel = new Ravel(
    Object.entries(trainable).map(([path, { shape }]) => [path, shape]),
    optimizer.alike,
  );
  const joined = ravel.join(tree.ref(trainable));
  const split = readParams({ trainable: joined, buffers });
  tree.dispose(joined);
  const noiseShapes = noiseShapesOf(objective, start, placeParams(sample, device));
  const compiled = await compileStep(
    trainingStep(objective, optimizer, combine, ravel),
    { params: split, state: (params) => initialState(optimizer, params as SplitParams) },
    { executor },
  );
  const breathe = breather();
  // Training ends before its result is read: the last parameters outlive the executor's copy.
  let last: ParamTensors | undefined;
  const read = () => last ?? fillParams(training.params, byPath(compiled.read(), ravel));
  const stepsPerEpoch = batchSize === undefined ? 1 : Math.floor(rowsOf(data) / batchSize);
  // Nothing changes between full-batch steps without noise: one copy on the executor serves them all.
  const whole = batchSize === undefined && noiseShapes.length === 0 ? compiled.upload({ data, noise: {} }) : undefined;
  let step = 0;
  try {
    for (let epoch = 1; epoch <= epochs; epoch++) {
      let total = 0;
      let count = 0;
      let learningRate = 0;
      for (const tensors of batchSize === undefined ? [data] : shuffledBatches(data, batchSize, random)) {
        const batch: Batch = whole ?? compiled.upload({ data: tensors, noise: drawNoise(noiseShapes, random) });
        learningRate = optimizer.learningRate(step, epochs * stepsPerEpoch);
        const { loss, gradientNorm } = await compiled.run(batch, { learningRate });
        if (batch !== whole) batch.dispose();
        step++;
        await breathe();
        if (!Number.isFinite(loss + gradientNorm)) {
          const learnt = read();
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
      if (options.adapt?.after.includes(epoch)) {
        const { refit } = options.adapt;
        compiled.update((params) => refitted(params as SplitParams, ravel, combine, refit));
      }
      yield { step, loss: total / count, learningRate, read };
    }
  } finally {
    last = read();
    whole?.dispose();
    compiled.dispose();
  }
}

function initialState(optimizer: Optimizer, { trainable, buffers }: SplitParams) {
  tree.dispose(buffers);
  return optimizer.init(trainable);
}

function refitted(
  { trainable, buffers }: SplitParams,
  ravel: Ravel,
  combine: ReturnType<typeof partition>["combine"],
  refit: (params: Params) => Params,
): SplitParams {
  const next = partition(refit(combine(ravel.split(trainable), buffers)));
  return { trainable: ravel.join(next.trainable), buffers: next.buffers };
}

/** Tensors of a split tree by their path in the model. */
function byPath(split: ParamTensors, ravel: Ravel) {
  const { trainable, buffers } = split as { trainable: Record<string, Tensor>; buffers: Record<string, Tensor> };
  return new Map([...ravel.splitTensors(trainable), ...Object.entries(buffers)]);
}

function firstRows(data: Tensors, batchSize: number): Tensors {
  const rows = rowsOf(data);
  if (!(Number.isSafeInteger(batchSize) && batchSize >= 1 && batchSize <= rows)) {
    throw new GmnmError(`batchSize must be a whole number from 1 to the ${rows} rows there are, got ${batchSize}`);
  }
  return shuffledBatches(data, batchSize, new Random(0)).next().value as Tensors;
}
