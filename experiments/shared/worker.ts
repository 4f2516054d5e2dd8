import { experiments } from "../index.ts";
import type { Outcome, Trial } from "./experiment.ts";

/**
 * Runs one trial; called in a worker thread. A training that diverges is an outcome, not a failure of the experiment: its errors are
 * NaN, tuning passes it over, and the table shows it.
 */
export default async function run(trial: Trial): Promise<Outcome> {
  try {
    return await experiments[trial.experiment].run(trial);
  } catch (error) {
    if (!(error instanceof Error && error.message.includes("training stopped at step"))) throw error;
    return { validation: NaN, test: NaN, parameters: 0, msPerStep: NaN, curve: { x: [], y: [] }, params: [] };
  }
}
