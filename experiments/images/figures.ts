import { range } from "../../src/data/dataset.ts";
import { imagesToTensors, selectImages } from "../../src/data/index.ts";
import { gaussianMixtureActivation, type LayerConfig } from "../../src/nn/index.ts";
import { type ParamTensors, placeParams } from "../../src/params.ts";
import { lossCurves, type ReportSection } from "../../src/plot/index.ts";
import { type Tensor, tensor, toArray, toTensor } from "../../src/tensor.ts";
import { confusionMatrix, predict } from "../../src/train/index.ts";
import type { Plan, Run } from "../shared/experiment.ts";
import { mean } from "../shared/statistics.ts";
import { type ImageTask, readTask, scaleOf, standardised } from "./data.ts";
import { confusion, curves, imageGrid } from "./draw.ts";
import { layerOf } from "./models.ts";

/** The model that has curves to show, and no kernels. */
const LEARNT_ACTIVATION = "GMNM activation";

type Figure = { svg: string; caption: string };

/** Of every task: what the images look like, how the losses fell, what the best mixture mistakes, what its first Gaussians look at. */
export async function imageFigures(runs: readonly Run[], plan: Plan): Promise<ReportSection[]> {
  const sections: ReportSection[] = [];
  for (const task of plan.tasks) {
    const own = runs.filter(({ trial, outcome }) => trial.task === task && Number.isFinite(outcome.test));
    if (own.length === 0) continue;
    const images = readTask(task, own[0].trial.data);
    const best = bestMixture(own);
    const kernels = bestMixture(own.filter(({ trial }) => trial.model !== LEARNT_ACTIVATION));
    sections.push({
      heading: task,
      figures: [
        samples(task, images),
        losses(task, own),
        ...(best ? [await mistakes(best, images)] : []),
        ...(kernels ? firstKernels(kernels) : []),
        ...activations(own),
      ],
    });
  }
  return sections;
}

/** The first run of the model with mixtures whose mean error is least. */
function bestMixture(runs: readonly Run[]): Run | undefined {
  const errorOf = (model: string) =>
    mean(runs.filter(({ trial }) => trial.model === model).map(({ outcome }) => outcome.test));
  const ours = runs.filter(({ trial }) => trial.model.startsWith("GMNM"));
  return ours.reduce<Run | undefined>(
    (best, run) => (best && errorOf(best.trial.model) <= errorOf(run.trial.model) ? best : run),
    undefined,
  );
}

function samples(task: string, { test }: ImageTask): Figure {
  const count = test.channels === 1 ? 40 : 20;
  const { x } = imagesToTensors(test, range(0, Math.min(count, test.count)));
  return {
    svg: imageGrid(x, { title: `Images of ${task}`, columns: count / 4 }),
    caption: task.startsWith("Glyphs") ? "The first test images: digits drawn by code." : "The first test images.",
  };
}

function losses(task: string, runs: readonly Run[]): Figure {
  const shown = runs.filter(({ trial }) => trial.seed === 0);
  const series = shown.map(({ trial, outcome }) => ({ label: trial.model, ...outcome.curve }));
  return {
    svg: lossCurves(series, { title: `Training loss on ${task}`, xLabel: "step", yLabel: "cross-entropy in nats" }),
    caption: "First seed; means over a fortieth of the training each.",
  };
}

async function mistakes({ trial, outcome }: Run, { train, test, network }: ImageTask): Promise<Figure> {
  const layer = layerOf(network, trial.model, train, trial.size);
  const prediction = await predict({ layer, params: outcome.params }, standardised(test, scaleOf(train)));
  const counts = confusionMatrix(prediction, imagesToTensors(selectImages(test, range(0, test.count))).y);
  return {
    svg: confusion(counts, test.classes, `What ${trial.model} takes for what`),
    caption: `Rows say what an image shows, columns what it was taken for. ${test.count} test images, first seed: ${outcome.test.toFixed(2)} % are off the diagonal.`,
  };
}

/** The projections of the first layer of Gaussians as images: of each Gaussian up to two. */
function firstKernels({ trial, outcome }: Run): Figure[] {
  const { train, network } = readTask(trial.task, trial.data);
  const layers = layerOf(network, trial.model, train, trial.size).config.layers as LayerConfig[];
  const at = layers.findIndex(({ type }) => type === "gmnm" || type === "gaussianMixtureConv2d");
  if (at < 0) return [];
  const { projections } = (outcome.params as ParamTensors[])[at] as Record<string, Tensor>;
  const side = layers[at].type === "gmnm" ? [train.height, train.width] : [3, 3];
  const [pixels, rank, components] = projections.shape;
  const count = Math.min(components * rank, 48);
  const channels = pixels / side[0] / side[1];
  // Of colours their sum.
  const data = Float32Array.from({ length: count * side[0] * side[1] }, (_, i) => {
    const [image, pixel] = [Math.floor(i / (side[0] * side[1])), i % (side[0] * side[1])];
    const [component, r] = [Math.floor(image / rank), image % rank];
    let sum = 0;
    for (let c = 0; c < channels; c++)
      sum += projections.data[((pixel * channels + c) * rank + r) * components + component];
    return sum;
  });
  const options = { title: `First projections of ${trial.model}`, columns: 12, pixel: side[0] > 3 ? 2 : 12 };
  const each = rank > 1 ? `, ${rank} of each Gaussian beside each other` : "";
  return [
    {
      svg: imageGrid(tensor(data, [count, ...side, 1]), { ...options, signed: true }),
      caption: `What the ${count} first projections multiply the pixels by${each}: red above 0, blue below, each by its largest number. A Gaussian is active where its projections are close to their offsets.`,
    },
  ];
}

/** The learnt activations of the first layer that has some. */
function activations(runs: readonly Run[]): Figure[] {
  const run = runs.find(({ trial }) => trial.model === LEARNT_ACTIVATION && trial.seed === 0);
  if (!run) return [];
  const { trial, outcome } = run;
  const { train, network } = readTask(trial.task, trial.data);
  const found = firstOf(
    "gaussianMixtureActivation",
    layerOf(network, trial.model, train, trial.size).config,
    outcome.params,
  );
  if (!found) return [];
  const { channels, numComponents } = found.config as LayerConfig & { channels: number; numComponents: number };
  const points = Array.from({ length: 81 }, (_, i) => -4 + i / 10);
  const layer = gaussianMixtureActivation(channels, { numComponents });
  const x = tensor(
    points.flatMap((point) => new Array<number>(channels).fill(point)),
    [points.length, channels],
  );
  const { data } = toTensor(layer.apply(placeParams(found.params) as Parameters<typeof layer.apply>[0], toArray(x)));
  const lines = Array.from({ length: Math.min(channels, 16) }, (_, c) =>
    points.map((point, i) => ({ x: point, y: data[i * channels + c] })),
  );
  return [
    {
      svg: curves(lines, { title: "Learnt activations", xLabel: "x", yLabel: "a(x)" }),
      caption: `${lines.length} channels of the first layer of ${trial.model}, first seed; all began as SiLU.`,
    },
  ];
}

/** The first layer of a type within sequential ones, with its parameters. */
function firstOf(
  type: string,
  config: LayerConfig,
  params: ParamTensors,
): { config: LayerConfig; params: ParamTensors } | undefined {
  if (config.type === type) return { config, params };
  const inner = config.type === "sequential" ? (config.layers as LayerConfig[]) : [];
  for (const [i, one] of inner.entries()) {
    const found = firstOf(type, one, (params as ParamTensors[])[i]);
    if (found) return found;
  }
  return undefined;
}
