import { type ExampleDataset, range, subset } from "../../src/data/dataset.ts";
import type { AnyLayer } from "../../src/nn/index.ts";
import { adamw, cosine } from "../../src/optim/index.ts";
import { earlyStopping, fit, type Loss } from "../../src/train/index.ts";
import type { Outcome, Trial } from "./experiment.ts";
import { curveOf, msPerStep } from "./optimizer.ts";

/** What a trial on a data set trains with beside its setting. */
export type MiniBatchOptions = { batchSize: number; loss: Loss; train: ExampleDataset; validation: ExampleDataset };

/**
 * Trains a layer on a data set for a trial's steps, with AdamW and a cosine schedule, and keeps the epoch that does best on the validation data; no
 * run stops before its steps are through, so that all models train equally long. A run shorter than an epoch repeats a single batch, one step
 * per epoch: that is for timing a step.
 */
export async function trainOnBatches(
  { setting, steps, seed }: Trial,
  layer: AnyLayer,
  { batchSize, loss, train, validation }: MiniBatchOptions,
): Promise<Pick<Outcome, "validation" | "params" | "msPerStep" | "curve">> {
  const stepsPerEpoch = Math.floor(train.rows / batchSize);
  const isShort = steps < stepsPerEpoch;
  const epochs = isShort ? steps : Math.round(steps / stepsPerEpoch);
  const { model, history } = await fit(layer, isShort ? subset(train, range(0, batchSize)) : train, {
    optimizer: adamw({ learningRate: cosine(setting.learningRate), weightDecay: setting.weightDecay ?? 0 }),
    loss,
    epochs,
    batchSize,
    seed,
    validation,
    validateEvery: isShort ? steps : 1,
    callbacks: [earlyStopping({ patience: epochs })],
    progress: false,
  });
  return {
    validation: Math.min(...history.map(({ validationLoss = Infinity }) => validationLoss)),
    params: model.params,
    msPerStep: msPerStep(isShort ? history.slice(0, -1) : history) / (isShort ? 1 : stepsPerEpoch),
    curve: curveOf(history),
  };
}
