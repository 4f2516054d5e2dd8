import { countParameters } from "../../src/params.ts";
import {
  accuracy,
  crossEntropy,
  evaluate,
  meanAbsoluteError,
  meanSquaredError,
  mse,
  negativeLogLikelihood,
} from "../../src/train/index.ts";
import type { Experiment, Plan } from "../shared/experiment.ts";
import { fewIfTimed, trainOnBatches } from "../shared/mini-batches.ts";
import { hasAll, isImages, readParts, taskNames } from "./data.ts";
import { attentionFigures } from "./figures.ts";
import { modelFor, modelNames } from "./models.ts";

const common = { optimizers: ["adam"], sizes: [48] };
const plans = {
  quick: {
    ...common,
    models: modelNames.filter((name) => name !== "softmax + ReLU"),
    settings: [{ learningRate: 0.003 }],
    seeds: 2,
    steps: 160,
    tuningSteps: 160,
  },
  full: {
    ...common,
    models: modelNames,
    settings: [{ learningRate: 0.001 }, { learningRate: 0.003 }],
    seeds: 5,
    steps: 1560,
    tuningSteps: 1560,
  },
} satisfies Record<string, Omit<Plan, "tasks">>;

const BATCH = 64;

/** Attention by distance against softmax, mixtures against GELU in transformers. */
export const attention: Experiment = {
  name: "attention",
  title: "Attention",
  intro: `A small transformer (tokens of 48 features, two blocks, four heads, normalisation before each part) with softmax or Gaussian-kernel attention, and with GELU, ReLU or a mixture of Gaussians as feed-forward layer. All have the same number of parameters within 5 %: hidden units and Gaussians are as many as fit.

Images are cut into 49 patches of 4×4 pixels: 20,000 images of MNIST to train on, 2,000 to choose by, 10,000 to test; generated digits where the files are not at hand. The test error is the share of images misclassified, in percent. The series is ETTh1, all columns, 336 hours in 14 patches of a day, relative to its last value, 96 hours ahead, split and scaled as in the forecasting experiment; the test error is the mean squared error.

All choose among the same learning rates by the validation loss, train for the same number of steps of ${BATCH} rows with AdamW and a cosine schedule, and keep the epoch that does best on the validation data.`,
  metric: "test error",
  generated: (data) => !hasAll(data),
  kindOf: (task) => task,
  plan: (scale, data) => ({ ...plans[scale], tasks: taskNames(data) }),
  async run(trial) {
    const { train, validation, test } = readParts(trial.task, trial.data);
    const layer = modelFor(trial.task, trial.model, trial.size);
    const trained = await trainOnBatches(trial, layer, {
      batchSize: BATCH,
      loss: isImages(trial.task) ? crossEntropy : mse,
      train,
      validation: fewIfTimed(trial, validation),
    });
    const model = { layer, params: trained.params };
    const tested = fewIfTimed(trial, test);
    const parameters = countParameters(trained.params);
    if (isImages(trial.task)) {
      const found = await evaluate(model, tested, { metrics: { accuracy, negativeLogLikelihood } });
      const measures = { "test negative log likelihood": found.negativeLogLikelihood };
      return { ...trained, test: 100 * (1 - found.accuracy), measures, parameters };
    }
    const found = await evaluate(model, tested, { metrics: { mse: meanSquaredError, mae: meanAbsoluteError } });
    return { ...trained, test: found.mse, measures: { "test MAE": found.mae }, parameters };
  },
  figures: attentionFigures,
};
