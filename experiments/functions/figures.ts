import { targetFunctions } from "../../src/data/functions.ts";
import { components, field, fields, lossCurves, type ReportSection, row } from "../../src/plot/index.ts";
import { type Tensor, tensor } from "../../src/tensor.ts";
import { predict } from "../../src/train/index.ts";
import type { Plan, Run } from "../shared/experiment.ts";
import { models } from "./models.ts";

const SIDE = 64;
const box: [[number, number], [number, number]] = [
  [-1, 1],
  [-1, 1],
];

/** For every function of two variables: what the mixture learnt, its components, the rivals' errors, and the losses. */
export async function functionFigures(runs: readonly Run[], plan: Plan): Promise<ReportSection[]> {
  const size = plan.sizes.includes(400) ? 400 : plan.sizes[0];
  const sections: ReportSection[] = [];
  for (const task of plan.tasks.filter((name) => targetFunctions[name].dimensions === 2)) {
    const shown = runs.filter(
      ({ trial, outcome }) =>
        trial.task === task &&
        trial.size === size &&
        trial.optimizer === plan.optimizers[0] &&
        trial.seed === 0 &&
        Number.isFinite(outcome.test),
    );
    if (shown.length === 0) continue;
    const target = onGrid(task);
    const predictions = new Map<string, Tensor>();
    for (const { trial, outcome } of shown) {
      const layer = models[trial.model](2, size);
      const { data } = await predict({ layer, params: outcome.params }, grid);
      predictions.set(trial.model, { data, shape: [SIDE, SIDE] });
    }
    const figures: NonNullable<ReportSection["figures"]>[number][] = [];
    const mixture = shown.find(({ trial }) => trial.model === "GMNM");
    if (mixture) {
      const learnt = fields({ target, prediction: predictions.get("GMNM")! }, { box });
      const ellipses = components(models.GMNM(2, size).config, mixture.outcome.params, { box, title: "Components" });
      figures.push({
        svg: row([...learnt, ellipses], 12),
        caption: "GMNM: target, prediction, error, and the Gaussians it learnt. Orange adds, blue subtracts.",
      });
    }
    const rivals = shown.filter((run) => run !== mixture && run.trial.model !== "GMNM×2");
    if (rivals.length > 0) {
      const errors = rivals.map(({ trial }) => errorField(trial.model, target, predictions.get(trial.model)!));
      figures.push({ svg: row(errors, 12), caption: "The rivals' errors, each on its own scale." });
    }
    const curves = shown.map(({ trial, outcome }) => ({ label: trial.model, ...outcome.curve }));
    figures.push({
      svg: lossCurves(curves, { title: "Training loss", xLabel: "step", yLabel: "mean squared error" }),
      caption: "First seed. Every model has its own best learning rate.",
    });
    sections.push({ heading: targetFunctions[task].formula, figures });
  }
  return sections;
}

const points = Array.from({ length: SIDE * SIDE }, (_, i) => [
  -1 + (2 * (i % SIDE)) / (SIDE - 1),
  -1 + (2 * Math.floor(i / SIDE)) / (SIDE - 1),
]);
const grid = tensor(points.flat(), [SIDE * SIDE, 2]);

const onGrid = (task: string): Tensor =>
  tensor(
    points.map((x) => targetFunctions[task].at(Float32Array.from(x))),
    [SIDE, SIDE],
  );

function errorField(title: string, target: Tensor, prediction: Tensor): string {
  const error = tensor(
    prediction.data.map((value, i) => value - target.data[i]),
    target.shape,
  );
  return field(error, { box, title, symmetric: true });
}
