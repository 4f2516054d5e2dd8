import { lossCurves, type ReportSection } from "../../src/plot/index.ts";
import type { Plan, Run } from "../shared/experiment.ts";

/** The training losses on the first split of each table. */
export async function tabularFigures(runs: readonly Run[], plan: Plan): Promise<ReportSection[]> {
  return plan.tasks.map((task) => {
    const shown = runs.filter(({ trial }) => trial.task === task && trial.seed === 0 && trial.model !== "Linear");
    const curves = shown.map(({ trial, outcome }) => ({ label: trial.model, ...outcome.curve }));
    return {
      heading: task,
      figures: [
        {
          svg: lossCurves(curves, {
            title: `Training loss on ${task}`,
            xLabel: "step",
            yLabel: "mean squared error, standardised",
          }),
          caption:
            "First split. A low training loss is not the aim here: the tables above show the error on rows that were held out.",
        },
      ],
    };
  });
}
