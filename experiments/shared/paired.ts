import type { ReportSection } from "../../src/plot/index.ts";
import type { Plan, Run } from "./experiment.ts";
import { pairedDifference, verdictOf } from "./statistics.ts";

/** A model and what it is measured against. */
export type Pair = readonly [model: string, baseline: string];

/**
 * Each model's test error minus its baseline's, seed by seed, and what that says.
 */
export function pairedSection(runs: readonly Run[], { tasks }: Plan, pairs: readonly Pair[]): ReportSection {
  const values = (task: string, model: string) =>
    runs
      .filter(({ trial }) => trial.task === task && trial.model === model)
      .sort((a, b) => a.trial.seed - b.trial.seed)
      .map(({ outcome }) => outcome.test);
  const rows = pairs.flatMap(([model, baseline]) =>
    tasks.flatMap((task) => {
      const [own, others] = [values(task, model), values(task, baseline)];
      if (own.length === 0 || others.length === 0) return [];
      const difference = pairedDifference(own, others);
      const { mean, sd, pairs } = difference;
      const said = verdictOf(difference) ?? "one seed";
      return [[task, model, baseline, `${mean.toPrecision(2)} ± ${sd.toPrecision(2)}`, String(pairs), said]];
    }),
  );
  return {
    heading: "Paired differences",
    table: {
      caption:
        "Test error minus the baseline's with the same seed, mean ± standard deviation; better or worse at 95 % (paired t-test).",
      columns: ["Task", "Model", "Baseline", "Difference", "Seeds", ""],
      rows,
    },
  };
}
