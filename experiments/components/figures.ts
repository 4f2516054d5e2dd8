import type { Model } from "../../src/model.ts";
import { describeComponents } from "../../src/nn/components.ts";
import { gmnm } from "../../src/nn/index.ts";
import {
  components as drawComponents,
  formatNumber,
  lossCurves,
  type ReportSection,
  row,
} from "../../src/plot/index.ts";
import type { Tensor } from "../../src/tensor.ts";
import { evaluate, prune, relativeRmse } from "../../src/train/index.ts";
import type { Plan, Run } from "../shared/experiment.ts";
import { mean } from "../shared/statistics.ts";
import { partsOf } from "./data.ts";

const SHARES = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];
/** By how much the error may grow in the table of tolerances. */
const TOLERANCES = [0, 0.01, 0.05, 0.2];

/** Dead components of every model, the error against the share that is kept, and where components lie. */
export async function componentFigures(runs: readonly Run[], plan: Plan): Promise<ReportSection[]> {
  const finite = runs.filter(({ outcome }) => Number.isFinite(outcome.test));
  return [await deadSection(finite, plan), ...(await pruningSections(finite, plan)), ...placesSection(finite)];
}

/** The model of a run: pruning has changed its number of components, and nothing else. */
function modelOf({ outcome }: Run): Model {
  const params = outcome.params as Record<string, Tensor>;
  const [numComponents, inFeatures] = params.centers.shape;
  return { layer: gmnm(inFeatures, 1, { numComponents, rank: 4 }), params };
}

const partsFor = ({ trial }: Run) => partsOf(trial.task, trial.seed, trial.data);

async function deadSection(runs: readonly Run[], plan: Plan): Promise<ReportSection> {
  const dead = (run: Run) => {
    const { layer, params } = modelOf(run);
    const described = describeComponents(layer.config, params, partsFor(run).train.x);
    return { all: described.length, dead: described.filter((component) => component.dead).length };
  };
  const cell = (model: string, task: string) => {
    const counts = runs.filter(({ trial }) => trial.model === model && trial.task === task).map(dead);
    if (counts.length === 0) return "–";
    return `${formatNumber(mean(counts.map((count) => count.dead)))} of ${counts[0].all}`;
  };
  return {
    heading: "Dead components",
    text: "Components that no training row activates by 10⁻³ or more, at the end of training; mean over the seeds.",
    table: {
      columns: ["Model", ...plan.tasks],
      rows: plan.models.map((model) => [model, ...plan.tasks.map((task) => cell(model, task))]),
    },
  };
}

/** Prunes the trained mixtures by the training rows and measures the test rows, mean over the seeds. */
async function pruningSections(runs: readonly Run[], plan: Plan): Promise<ReportSection[]> {
  const series: { label: string; x: number[]; y: number[] }[] = [];
  const rows: string[][] = [];
  for (const task of plan.tasks) {
    const trained = runs.filter(({ trial }) => trial.model === "GMNM" && trial.task === task);
    if (trained.length === 0) continue;
    const test = async (run: Run, model: Model) =>
      (await evaluate(model, partsFor(run).test, { metrics: { relativeRmse } })).relativeRmse;
    const errorsBy = async (refit: boolean) => {
      const errors: number[] = [];
      for (const keep of SHARES) {
        const pruned = trained.map(async (run) => {
          const whole = modelOf(run);
          return test(run, keep === 1 ? whole : (await prune(whole, partsFor(run).train, { keep, refit })).model);
        });
        errors.push(mean(await Promise.all(pruned)));
      }
      return errors;
    };
    const errors = await errorsBy(true);
    const x = SHARES.map((keep) => 100 * keep);
    series.push({ label: task, x, y: errors }, { label: `${task}, old π`, x, y: await errorsBy(false) });
    for (const keepError of TOLERANCES) {
      const pruned = await Promise.all(
        trained.map(async (run) => {
          const { model, components } = await prune(modelOf(run), partsFor(run).train, { keepError });
          return { share: components.after / components.before, error: await test(run, model) };
        }),
      );
      const share = mean(pruned.map((one) => one.share));
      const error = mean(pruned.map((one) => one.error));
      rows.push([
        task,
        `${100 * keepError} %`,
        `${Math.round(100 * share)} %`,
        formatNumber(error),
        formatNumber(errors[errors.length - 1]),
      ]);
    }
  }
  if (series.length === 0) return [];
  const svg = lossCurves(series, {
    title: "Error after pruning",
    xLabel: "components kept, %",
    yLabel: "relative RMSE",
  });
  return [
    {
      heading: "What can be dropped",
      text: "Trained mixtures lose the components with the smallest |π| · mean activation; the weights of the others are fitted anew to what the whole mixture said, and nothing is trained further. In the table a tolerance on the mean squared error of the training rows decides how many go, in the figure a share, also with weights left as they were (old π).",
      table: {
        columns: ["Task", "Tolerance", "Kept", "Test error", "Test error of all"],
        rows,
      },
      figures: [{ svg, caption: "Test error against the share of components that is kept; mean over the seeds." }],
    },
  ];
}

const BOX: [[number, number], [number, number]] = [
  [-1.2, 1.2],
  [-1.2, 1.2],
];

/** Where the Gaussians of the first seed lie on the function of two variables. */
function placesSection(runs: readonly Run[]): ReportSection[] {
  const shown = runs.filter(({ trial, outcome }) => {
    const { centers } = outcome.params as Record<string, Tensor>;
    return trial.seed === 0 && centers.shape[1] === 2;
  });
  if (shown.length === 0) return [];
  const figures = shown.map((run) => {
    const { layer, params } = modelOf(run);
    const sample = partsFor(run).train.x;
    return drawComponents(layer.config, params, { box: BOX, title: run.trial.model, sample });
  });
  const pairs = Array.from({ length: Math.ceil(figures.length / 2) }, (_, i) =>
    row(figures.slice(2 * i, 2 * i + 2), 12),
  );
  const caption = "Orange adds, blue subtracts, dashed grey is dead. Centres far from the data lie outside the frame.";
  return [{ heading: "Where components lie", figures: pairs.map((svg) => ({ svg, caption })) }];
}
