import { tree } from "@jax-js/jax";
import { type Batch, type CompileOptions, compileStep } from "../compile/compile.ts";
import { ready } from "../compile/executor.ts";
import type { Params } from "../nn/layer.ts";
import type { Optimizer } from "../optim/transform.ts";
import { fillParams, namedTensors, type ParamTensors, partition, placeParams, readParams } from "../params.ts";
import type { Tensor } from "../tensor.ts";
import type { Tensors } from "./batches.ts";
import type { Objective } from "./minimize.ts";
import { Ravel } from "./ravel.ts";
import { type SplitParams, trainingStep } from "./training-step.ts";

/** What a training step works on: data, and random numbers by name. */
export type TrainingBatch = { data: Tensors; noise: Tensors };

/** First-order training, one call per step; parameters and the optimiser's state stay on the executor. */
export interface CompiledTraining {
  upload(batch: TrainingBatch): Batch;
  run(batch: Batch, learningRate: number): Promise<{ loss: number; gradientNorm: number }>;
  /** A copy of the parameters. */
  read(): Promise<ParamTensors>;
  /** A copy of the optimiser's state, by path. */
  readState(): Promise<[path: string, Tensor][]>;
  /** Lets a layer change its parameters and buffers without changing the optimiser's state. */
  refit(change: (params: Params) => Params): Promise<void>;
  dispose(): void;
}

/**
 * Compiles the steps of an optimiser on an objective.
 *
 * @param options - state: the optimiser's state of a training that goes on, of the form of one that begins. Default the latter.
 */
export async function compileTraining(
  objective: Objective,
  optimizer: Optimizer,
  params: ParamTensors,
  { executor, threads, state: goOn }: CompileOptions & { state?: (begun: ParamTensors) => ParamTensors } = {},
): Promise<CompiledTraining> {
  await ready(executor);
  const { trainable, buffers, combine } = partition(placeParams(params));
  const ravel = new Ravel(
    Object.entries(trainable).map(([path, { shape }]) => [path, shape]),
    optimizer.alike,
  );
  const joined = { trainable: ravel.join(trainable), buffers };
  const start = readParams(joined);
  tree.dispose(joined);
  const compiled = await compileStep(
    trainingStep(objective, optimizer, combine, ravel),
    {
      params: start,
      state(split) {
        const { trainable, buffers } = split as SplitParams;
        tree.dispose(buffers);
        const state = optimizer.init(trainable);
        if (!goOn) return state;
        const begun = readParams(state);
        tree.dispose(state);
        return placeParams(goOn(begun));
      },
    },
    { executor, threads },
  );
  return {
    upload: (batch) => compiled.upload(batch),
    run: (batch, learningRate) => compiled.run(batch, { learningRate }),
    async read() {
      const { trainable, buffers } = (await compiled.read()) as Record<keyof SplitParams, Record<string, Tensor>>;
      return fillParams(params, new Map([...ravel.splitTensors(trainable), ...Object.entries(buffers)]));
    },
    readState: async () => namedTensors(await compiled.readState()),
    refit: (change) =>
      compiled.update((split) => {
        const { trainable, buffers } = split as SplitParams;
        const next = partition(change(combine(ravel.split(trainable), buffers)));
        return { trainable: ravel.join(next.trainable), buffers: next.buffers };
      }),
    dispose: () => compiled.dispose(),
  };
}
