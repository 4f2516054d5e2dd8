import { range } from "../../src/data/dataset.ts";
import { selectImages } from "../../src/data/index.ts";
import { adamw, cosine } from "../../src/optim/index.ts";
import { countParameters } from "../../src/params.ts";
import {
  accuracy,
  crossEntropy,
  type EpochRecord,
  evaluate,
  fit,
  negativeLogLikelihood,
} from "../../src/train/index.ts";
import type { Experiment, Outcome, Plan, Setting, Trial } from "../shared/experiment.ts";
import { curveOf } from "../shared/optimizer.ts";
import { median } from "../shared/statistics.ts";
import { hasMnist, holdOut, inEpochsOf, readTask, scaleOf, standardised, taskNames } from "./data.ts";
import { deadShare } from "./dead.ts";
import { imageFigures } from "./figures.ts";
import { layerOf, models, SIZES } from "./models.ts";

/** Images per step. */
const BATCH = { MLP: 128, CNN: 64 };
/** So many losses make a curve. */
const RECORDS = 40;
/** Images that starts which depend on data see, that a training error is measured on, and dead components on. */
const [STARTING, REMEMBERED, LOOKED_AT] = [128, 5000, 200];

const settings = (rates: number[], decays: number[]): Setting[] =>
  decays.flatMap((weightDecay) => rates.map((learningRate) => ({ learningRate, weightDecay })));
/** Projections multiply pixels as the weights of a perceptron do, and decay like them: without that mixtures learn the training images by heart. */
const multipliesFeatures = (path: string): boolean => /(^|\.)(weights|projections|coefficients|base|skip)$/.test(path);

const networkOf = (task: string) => (task.endsWith("MLP") ? "MLP" : "CNN");

const names = [...new Set([...Object.keys(models.MLP), ...Object.keys(models.CNN)])];
const common = { models: names, sizes: [SIZES.MLP, SIZES.CNN], optimizers: ["adamw"] };

/** Steps by task: 20 epochs of MNIST for perceptrons, three for convolutional networks, whose steps cost 20 times as much. */
const fullSteps: Plan["exceptions"] = {
  "MNIST MLP": { steps: 9400, tuningSteps: 2350 },
  "MNIST CNN": { steps: 2800, tuningSteps: 700 },
  "CIFAR-10 CNN": { steps: 8000, tuningSteps: 1600 },
  "CIFAR-10 subset CNN": { steps: 1400, tuningSteps: 700 },
  "Glyphs MLP": { steps: 2000, tuningSteps: 500 },
  "Glyphs CNN": { steps: 600, tuningSteps: 200 },
};
const quickSteps: Plan["exceptions"] = Object.fromEntries(
  Object.keys(fullSteps).map((task) => [
    task,
    networkOf(task) === "MLP" ? { steps: 500, tuningSteps: 150 } : { steps: 120, tuningSteps: 40 },
  ]),
);
const plans = {
  quick: {
    ...common,
    settings: settings([0.003, 0.01], [0.05]),
    seeds: 2,
    steps: 150,
    tuningSteps: 60,
    exceptions: quickSteps,
  },
  full: {
    ...common,
    settings: settings([0.003, 0.01], [0.05, 0.3]),
    seeds: 5,
    steps: 2800,
    tuningSteps: 700,
    exceptions: fullSteps,
  },
} satisfies Record<string, Omit<Plan, "tasks">>;

/** Classification of images. */
export const images: Experiment = {
  name: "images",
  title: "Images",
  intro: `Which of ten classes does an image belong to? Where the files are at hand: MNIST, with a perceptron of one hidden layer (about 50,000 parameters) and with a convolutional network of three blocks (about 20,000), and CIFAR-10 with the latter, cropped and flipped at random; of CIFAR-10's first 4000 images, where only they are there, 3000 to train on and 1000 to test on. Else generated digits.

In the perceptrons a layer of Gaussians takes the place of the hidden layer ("GMNM"), or a learnt activation that of ReLU ("GMNM activation"). In the convolutional networks Gaussians over the 3 × 3 pixels under a kernel take the place of convolution and activation, or again a learnt activation that of ReLU. Batch normalisation follows every convolution.

All models of a network have the same number of parameters within 5 %, choose among the same learning rates and weight decays by the error on training images that are held out for that, take the same number of AdamW steps with a cosine schedule, and count as they are after the last step. For the table they train on all training images. A seed draws the start and the order of the images. The gap is the test error minus that on training images without crops and flips; a component is dead when its activation stays below 0.001 on ${LOOKED_AT} test images.`,
  metric: "test error, %",
  generated: (data) => !hasMnist(data),
  kindOf: (task) => task,
  plan(scale, data) {
    // Colours take as long as all else together.
    const tasks = taskNames(data).filter((task) => scale === "full" || !task.startsWith("CIFAR"));
    return { ...plans[scale], tasks };
  },
  has: ({ task, model, size }) => size === sizeFor(task, size) && Object.hasOwn(models[networkOf(task)], model),
  run,
  figures: imageFigures,
};

/** The size that is meant for a task: a size that is one of the plan's belongs to one kind of network; others are the caller's wish. */
const sizeFor = (task: string, size: number): number =>
  (Object.values(SIZES) as number[]).includes(size) ? SIZES[networkOf(task)] : size;

async function run(trial: Trial): Promise<Outcome> {
  const { train, test, network, augment } = readTask(trial.task, trial.data);
  const scale = scaleOf(train);
  const tuning = trial.purpose === "tuning" ? holdOut(train) : undefined;
  const learnt = tuning?.train ?? train;
  const layer = layerOf(network, trial.model, learnt, trial.size);
  const batchSize = BATCH[network];
  const perRecord = Math.max(1, Math.floor(trial.steps / RECORDS));
  const { model, history } = await fit(
    layer,
    inEpochsOf(perRecord * batchSize, standardised(learnt, scale, augment), trial.seed),
    {
      loss: crossEntropy,
      optimizer: adamw({
        learningRate: cosine(trial.setting.learningRate),
        weightDecay: trial.setting.weightDecay,
        decays: multipliesFeatures,
      }),
      batchSize,
      epochs: Math.round(trial.steps / perRecord),
      seed: trial.seed,
      sampleRows: STARTING,
      progress: false,
    },
  );
  const found: Outcome = {
    validation: Number.NaN,
    test: Number.NaN,
    parameters: countParameters(model.params),
    msPerStep: msPerStep(history, perRecord),
    curve: curveOf(history),
    params: model.params,
  };
  const errorOn = async (images: typeof train) => {
    const metrics = { accuracy, nll: negativeLogLikelihood };
    const measured = await evaluate(model, standardised(images, scale), { metrics });
    const wrong = Math.round(images.count * (1 - measured.accuracy));
    return { error: (100 * wrong) / images.count, nll: measured.nll };
  };
  if (trial.purpose === "timing") return found;
  if (tuning) return { ...found, params: [], validation: (await errorOn(tuning.validation)).error };
  const tested = await errorOn(test);
  const remembered = await errorOn(selectImages(train, range(0, Math.min(train.count, REMEMBERED))));
  const dead = deadShare(model, standardised(test, scale).take(range(0, Math.min(test.count, LOOKED_AT))).x);
  return {
    ...found,
    test: tested.error,
    measures: {
      "test negative log likelihood": tested.nll,
      "gap between test and training error, %": tested.error - remembered.error,
      ...(dead !== undefined && { "dead components, %": 100 * dead }),
    },
  };
}

/** Median milliseconds per step, without the first record, which compiles. */
const msPerStep = (history: readonly EpochRecord[], perRecord: number): number =>
  median(history.slice(1).map(({ seconds }, i) => (1000 * (seconds - history[i].seconds)) / perRecord));
