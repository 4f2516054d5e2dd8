import type { State, TaskName } from "../state/state.ts";
import { classesProblem } from "./classes.ts";
import { digitsProblem } from "./digits.ts";
import { curveProblem, functionProblem } from "./functions.ts";
import { poissonProblem } from "./poisson.ts";
import type { Problem } from "./problem.ts";

/** Tasks that are made here; that of the user's own table needs the table. */
export type MadeTask = Exclude<TaskName, "table">;

/** What a task that is made here asks of a model. @throws FormulaError or GmnmError: one sentence for the user. */
export function problemOf(task: MadeTask, state: State): Problem {
  const problems: Record<MadeTask, (state: State) => Problem> = {
    function: functionProblem,
    classes: classesProblem,
    poisson: poissonProblem,
    curve: curveProblem,
    digits: digitsProblem,
  };
  return problems[task](state);
}
