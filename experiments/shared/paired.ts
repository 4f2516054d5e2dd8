import type { ReportSection } from "../../src/plot/index.ts";
import type { Plan, Run } from "./experiment.ts";
import { pairedDifference } from "./statistics.ts";

/** A model and what it is measured against. */
export type Pair = readonly [model: string, baseline: string];

/**
 * Each model's test error minus its baseline's, seed by seed. A difference of more than twice its standard error is called better or worse; what
 * lies within is level.
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
      const { mean, sd, pairs } = pairedDifference(own, others);
      const error = (2 * sd) / Math.sqrt(pairs);
      const answer = pairs < 2 ? "one seed" : mean < -error ? "better" : mean > error ? "worse" : "level";
      return [[task, model, baseline, `${mean.toPrecision(2)} ± ${sd.toPrecision(2)}`, String(pairs), answer]];
    }),
  );
  return {
    heading: "Paired differences",
    table: {
      caption:
        "Test error minus the baseline's with the same seed, mean ± standard deviation; better or worse where the mean is more than two standard errors from 0.",
      columns: ["Task", "Model", "Baseline", "Difference", "Seeds", ""],
      rows,
    },
  };
}
