import type { Executor } from "../../src/compile/executor.ts";
import { adam } from "../../src/optim/index.ts";
import { countParameters } from "../../src/params.ts";
import { compileTraining } from "../../src/train/compile-training.ts";
import type { Start } from "./cases.ts";

/** A training that goes on for as long as `step` is called. */
export type Training = { parameters: number; firstStepMs: number; step: () => Promise<number> };

const LEARNING_RATE = 1e-3;

/** Compiles a training step as `fit` does for a batch that stays the same, and takes the first step. */
export async function startTraining({ objective, params, data }: Start, executor: Executor): Promise<Training> {
  const began = performance.now();
  const training = await compileTraining(objective, adam({ learningRate: LEARNING_RATE }), params, { executor });
  const batch = training.upload({ data, noise: {} });
  const step = async () => (await training.run(batch, LEARNING_RATE)).loss;
  await step();
  return { parameters: countParameters(params), firstStepMs: performance.now() - began, step };
}
