import { components, field, fields, lossCurves, type ReportSection, row } from "../../src/plot/index.ts";
import { tensor } from "../../src/tensor.ts";
import { predict } from "../../src/train/index.ts";
import type { Plan, Run } from "../shared/experiment.ts";
import { models } from "./experiment.ts";
import { exact, SIDE, testGrid } from "./problem.ts";

const box: [[number, number], [number, number]] = [
  [-1, 1],
  [-1, 1],
];

/** The solution the mixture found, its components, and every model's error. */
export async function poissonFigures(runs: readonly Run[], plan: Plan): Promise<ReportSection[]> {
  const [size] = plan.sizes;
  const shown = runs.filter(({ trial, outcome }) => trial.seed === 0 && Number.isFinite(outcome.test));
  if (shown.length === 0) return [];
  const target = tensor(exact(testGrid).data, [SIDE, SIDE]);
  const solved = await Promise.all(
    shown.map(async ({ trial, outcome }) => {
      const layer = models[trial.model](size);
      const prediction = tensor((await predict({ layer, params: outcome.params }, testGrid)).data, [SIDE, SIDE]);
      return { name: trial.model, layer, prediction, outcome };
    }),
  );
  const errors = solved.map(({ name, prediction }) =>
    field(
      tensor(
        prediction.data.map((u, i) => u - target.data[i]),
        [SIDE, SIDE],
      ),
      { box, title: name, symmetric: true },
    ),
  );
  const curves = solved.map(({ name, outcome }) => ({ label: name, ...outcome.curve }));
  const figures = [
    { svg: row(errors, 12), caption: "The errors of all models, each on its own scale." },
    { svg: lossCurves(curves, { title: "Training loss", xLabel: "step", yLabel: "loss" }), caption: "First seed." },
  ];
  const mixture = solved.find(({ name }) => name === "GMNM");
  if (mixture) {
    const ellipses = components(mixture.layer.config, mixture.outcome.params, { box, title: "Components" });
    figures.unshift({
      svg: row([...fields({ target, prediction: mixture.prediction }, { box }), ellipses], 12),
      caption: "GMNM: exact solution, what it found, the error, and its Gaussians.",
    });
  }
  return [{ heading: "The solution", figures }];
}
