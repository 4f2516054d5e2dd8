import { type ExampleDataset, range, subset } from "../../src/data/dataset.ts";
import type { AnyLayer } from "../../src/nn/index.ts";
import { adamw, cosine } from "../../src/optim/index.ts";
import { earlyStopping, fit, type Loss } from "../../src/train/index.ts";
import type { Outcome, Trial } from "./experiment.ts";
import { curveOf, msPerStep } from "./optimizer.ts";

/** What a trial on a data set trains with beside its setting. */
export type MiniBatchOptions = { batchSize: number; loss: Loss; train: ExampleDataset; validation: ExampleDataset };

/** Trials of so few steps only time them. */
const TIMED = 32;
const FEW = 64;

const isTimed = ({ steps }: Trial): boolean => steps <= TIMED;

/** The data that a trial is measured on: few of them where it only times its steps, for what it finds is not shown. */
export const fewIfTimed = (trial: Trial, data: ExampleDataset): ExampleDataset =>
  isTimed(trial) ? subset(data, range(0, Math.min(FEW, data.rows))) : data;

/**
 * Trains a layer on a data set for a trial's steps, with AdamW and a cosine schedule, and keeps the epoch that does best on the validation data; no
 * run stops before its steps are through, so that all models train equally long.
 */
export async function trainOnBatches(
  trial: Trial,
  layer: AnyLayer,
  { batchSize, loss, train, validation }: MiniBatchOptions,
): Promise<Pick<Outcome, "validation" | "params" | "msPerStep" | "curve">> {
  const { setting, steps, seed } = trial;
  // To time a step, an epoch is one; else it is all rows, or as many as the steps take.
  const stepsPerEpoch = isTimed(trial) ? 1 : Math.min(steps, Math.floor(train.rows / batchSize));
  const epochs = Math.round(steps / stepsPerEpoch);
  const rows = isTimed(trial) || steps === stepsPerEpoch ? stepsPerEpoch * batchSize : train.rows;
  const { model, history } = await fit(layer, rows < train.rows ? subset(train, range(0, rows)) : train, {
    optimizer: adamw({ learningRate: cosine(setting.learningRate), weightDecay: setting.weightDecay ?? 0 }),
    loss,
    epochs,
    batchSize,
    seed,
    validation,
    validateEvery: isTimed(trial) ? steps : 1,
    callbacks: [earlyStopping({ patience: epochs })],
    progress: false,
  });
  return {
    validation: Math.min(...history.map(({ validationLoss = Infinity }) => validationLoss)),
    params: model.params,
    // The last of the timed steps is followed by the validation.
    msPerStep: msPerStep(isTimed(trial) ? history.slice(0, -1) : history) / stepsPerEpoch,
    curve: curveOf(history),
  };
}
