import { TableError, type TableInput } from "../csv/table.ts";
import type { State, TaskName } from "../state/state.ts";
import { classesProblem } from "./classes.ts";
import { digitsProblem } from "./digits.ts";
import { curveProblem, functionProblem } from "./functions.ts";
import { poissonProblem } from "./poisson.ts";
import type { Problem } from "./problem.ts";
import { tableProblem } from "./table.ts";

/** What the state's task asks of a model. @throws FormulaError, GmnmError or TableError: one sentence for the user. */
export function problemOf(state: State, input?: TableInput): Problem {
  const problems: Record<TaskName, () => Problem> = {
    function: () => functionProblem(state),
    classes: () => classesProblem(state),
    poisson: () => poissonProblem(state),
    curve: () => curveProblem(state),
    digits: () => digitsProblem(state),
    table: () => {
      if (!input) throw new TableError("choose a CSV file to learn from");
      return tableProblem(state, input.table, input.choice);
    },
  };
  return problems[state.task]();
}
