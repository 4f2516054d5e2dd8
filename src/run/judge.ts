// What a model says of rows beside what is true of them, in the target's own unit.
import { decodeOutputs, kindOfCell, type Table, type Target, textOfCell } from "../table/index.ts";
import { findColumn } from "../table/target.ts";
import type { Tensor } from "../tensor.ts";
import { type ClassScores, classScores, numberScores } from "./scores.ts";
import type { Scores } from "./summary.ts";

/** The truth about rows: numbers by column, or the place of each row's class, −1 for a class that the model does not know. */
export type Truth =
  | { kind: "numbers"; columns: { name: string; values: Float64Array }[] }
  | { kind: "classes"; places: Int32Array };

/** The truth about rows of a table that have a target. */
export function truthOf(table: Table, target: Target, rows: Uint32Array): Truth {
  if (target.kind === "numbers") {
    const columns = target.columns.map(({ name }) => {
      const column = findColumn(table, name);
      const values = Float64Array.from(rows, (row) =>
        kindOfCell(column, row) === "number" ? column.values[row] : NaN,
      );
      return { name, values };
    });
    return { kind: "numbers", columns };
  }
  const column = findColumn(table, target.name);
  const places = new Map(target.classes.map((name, place) => [name, place]));
  return { kind: "classes", places: Int32Array.from(rows, (row) => places.get(textOfCell(column, row) ?? "") ?? -1) };
}

/** Predictions beside the truth, in the target's unit; of classes (rows × classes) probabilities. */
export type Judged =
  | { kind: "numbers"; columns: { name: string; predicted: Float64Array; truth: Float64Array }[] }
  | { kind: "classes"; probabilities: Float64Array; truth: Int32Array };

/** Outputs of a model (rows, outputs) beside the truth about the same rows. */
export function judge(outputs: Tensor, truth: Truth, target: Target): Judged {
  const said = decodeOutputs(outputs, target);
  if (said.kind === "classes" && truth.kind === "classes") {
    return { kind: "classes", probabilities: said.probabilities, truth: truth.places };
  }
  if (said.kind === "numbers" && truth.kind === "numbers") {
    const columns = said.columns.map(({ name, values }, j) => ({
      name,
      predicted: values,
      truth: truth.columns[j].values,
    }));
    return { kind: "numbers", columns };
  }
  throw new Error(`a target of ${said.kind}, but the truth is of ${truth.kind}`);
}

/** Of one column of numbers rmse, mae and r2, of several each with its name before it; of classes accuracy and logLoss. */
export function scoresOf(judged: Judged): Scores {
  if (judged.kind === "classes") return classScoresOf(judged);
  const [first, ...more] = judged.columns;
  if (more.length === 0) return numberScores(first.predicted, first.truth);
  return Object.fromEntries(
    judged.columns.flatMap(({ name, predicted, truth }) =>
      Object.entries(numberScores(predicted, truth)).map(([measure, value]) => [`${name}: ${measure}`, value]),
    ),
  );
}

const classScoresOf = ({ probabilities, truth }: Extract<Judged, { kind: "classes" }>): ClassScores =>
  classScores(probabilities, truth, probabilities.length / truth.length);
