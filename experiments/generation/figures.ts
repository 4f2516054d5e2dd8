import { DEAD } from "../../src/nn/components.ts";
import type { AnyLayer } from "../../src/nn/index.ts";
import { activationsOf } from "../../src/nn/mixture.ts";
import type { ParamTensors } from "../../src/params.ts";
import { imageGrid, lossCurves, type ReportSection } from "../../src/plot/index.ts";
import { Random } from "../../src/random.ts";
import { type Tensor, takeRows } from "../../src/tensor.ts";
import { observe } from "../../src/train/mixtures.ts";
import type { Plan, Run } from "../shared/experiment.ts";
import { pairedSection } from "../shared/paired.ts";
import { judge } from "./classifier.ts";
import { imageSplits, kindOf } from "./data.ts";
import { denoiser, diffusionSamples } from "./diffusion.ts";
import { autoencoder, reconstructionsOf, samplesOf } from "./vae.ts";

const SHOWN = 40;
const COLUMNS = 10;
/** Rows by which components are found dead. */
const LOOKED_AT = 2000;

/** Images of each model's first seed, losses, and dead components. */
export async function generationFigures(runs: readonly Run[], plan: Plan): Promise<ReportSection[]> {
  const sections: ReportSection[] = [];
  for (const task of plan.tasks) {
    const shown = runs.filter(
      ({ trial, outcome }) => trial.task === task && trial.seed === 0 && Number.isFinite(outcome.test),
    );
    if (shown.length === 0) continue;
    const { data } = shown[0].trial;
    const figures: NonNullable<ReportSection["figures"]>[number][] = [];
    const test = takeRows(imageSplits(data).test.x, range(SHOWN));
    figures.push({ svg: grid(test, "Test images"), caption: "What the models should make." });
    for (const run of shown) figures.push(...(await imagesOf(run, test)));
    figures.push({
      svg: lossCurves(
        shown.map(({ trial, outcome }) => ({ label: trial.model, ...outcome.curve })),
        {
          title: "Training loss",
          xLabel: "step",
          yLabel: kindOf(task) === "VAE" ? "−ELBO, nats" : "weighted squared error",
        },
      ),
      caption: "First seed. Every model has its own best learning rate.",
    });
    const dead = shown.flatMap(deadOf);
    const { accuracy } = await judge(data);
    sections.push({
      heading: task,
      text: `The classifier whose features measure the distance tells ${(100 * accuracy).toFixed(1)} % of the test images.`,
      ...(dead.length > 0 && {
        table: { caption: "Components of mixtures, first seed", columns: ["Model", "Dead", "Of"], rows: dead },
      }),
      figures,
    });
  }
  const ours = plan.models.filter((model) => model.startsWith("GMNM"));
  const rivals = plan.models.filter((model) => !model.startsWith("GMNM"));
  const pairs = ours.flatMap((model) => rivals.map((rival) => [model, rival] as const));
  return sections.length > 0 ? [...sections, pairedSection(runs, plan, pairs)] : sections;
}

/** What a model makes up, and of an autoencoder what it gives back. */
async function imagesOf({ trial, outcome }: Run, test: Tensor) {
  const { model, size, seed } = trial;
  const first = { caption: "Made up, the first of them." };
  if (kindOf(trial.task) === "diffusion") {
    const made = await diffusionSamples(denoiser(model, size), outcome.params, SHOWN, seed);
    return [{ ...first, svg: grid(made, `${model}: samples`) }];
  }
  const machine = autoencoder(model, size);
  const made = await samplesOf(machine, outcome.params, SHOWN, seed);
  const back = await reconstructionsOf(machine, outcome.params, test);
  return [
    { ...first, svg: grid(made, `${model}: samples`) },
    { svg: grid(back, `${model}: reconstructions`), caption: "The test images above, given back." },
  ];
}

/** Dead components of a model's mixtures, for z from N(0, 1) or for noise: a row of the table, if the model has mixtures. */
function deadOf({ trial, outcome }: Run): (string | number)[][] {
  const vae = kindOf(trial.task) === "VAE";
  const layer: AnyLayer = vae
    ? autoencoder(trial.model, trial.size).decoder
    : denoiser(trial.model, trial.size).network;
  const params = vae ? (outcome.params as Record<string, ParamTensors>).decoder : outcome.params;
  if (!JSON.stringify(layer.config).includes('"gmnm"')) return [];
  const ins = vae ? 16 : 800;
  const { mixtures } = observe({ layer, params }, new Random(1).normal([LOOKED_AT, ins]));
  const strongest = mixtures.flatMap(({ config, params: own, input }) => {
    const { data, shape } = activationsOf(config, own, input);
    return range(shape[1]).map((k) => data.reduce((most, f, i) => (i % shape[1] === k ? Math.max(most, f) : most), 0));
  });
  return [[trial.model, strongest.filter((f) => f < DEAD).length, strongest.length]];
}

const grid = ({ data, shape: [count] }: Tensor, title: string): string =>
  imageGrid({ data, shape: [count, 28, 28] }, { title, columns: COLUMNS });

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
