import { compileStep } from "../../src/compile/compile.ts";
import { type Executor, ready } from "../../src/compile/executor.ts";
import { adam } from "../../src/optim/index.ts";
import { countParameters, disposeParams, partition, placeParams, readParams } from "../../src/params.ts";
import { Ravel } from "../../src/train/ravel.ts";
import { type SplitParams, trainingStep } from "../../src/train/training-step.ts";
import type { Start } from "./cases.ts";

/** A training that goes on for as long as `step` is called. */
export type Training = { parameters: number; firstStepMs: number; step: () => Promise<number> };

const LEARNING_RATE = 1e-3;

/** Compiles a training step as `fit` does for a batch that stays the same, and takes the first step. */
export async function startTraining({ objective, params, data }: Start, executor: Executor): Promise<Training> {
  const device = await ready(executor);
  const { trainable, buffers, combine } = partition(placeParams(params, device));
  const optimizer = adam({ learningRate: LEARNING_RATE });
  const ravel = new Ravel(
    Object.entries(trainable).map(([path, { shape }]) => [path, shape]),
    optimizer.alike,
  );
  const split = readParams({ trainable: ravel.join(trainable), buffers });
  const began = performance.now();
  const compiled = await compileStep(
    trainingStep(objective, optimizer, combine, ravel),
    {
      params: split,
      state(p) {
        const { trainable, buffers } = p as SplitParams;
        disposeParams(buffers);
        return optimizer.init(trainable);
      },
    },
    { executor },
  );
  const batch = compiled.upload({ data, noise: {} });
  const step = async () => (await compiled.run(batch, { learningRate: LEARNING_RATE })).loss;
  await step();
  return { parameters: countParameters(params), firstStepMs: performance.now() - began, step };
}
