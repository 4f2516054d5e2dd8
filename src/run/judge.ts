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
  const columns = said.kind === "numbers" && truth.kind === "numbers" ? said.columns : [];
  const trueValues = truth.kind === "numbers" ? truth.columns : [];
  return {
    kind: "numbers",
    columns: columns.map(({ name, values }, j) => ({ name, predicted: values, truth: trueValues[j].values })),
  };
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

/** What always says the mean, or the classes' frequencies, of rows that were learnt from says of so many rows. */
export function constantly(learnt: Truth, target: Target, truth: Truth): Judged {
  if (learnt.kind === "numbers" && truth.kind === "numbers") {
    const columns = learnt.columns.map(({ name, values }, j) => {
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      const { values: trueValues } = truth.columns[j];
      return { name, predicted: new Float64Array(trueValues.length).fill(mean), truth: trueValues };
    });
    return { kind: "numbers", columns };
  }
  const classes = target.kind === "classes" ? target.classes.length : 0;
  const places = learnt.kind === "classes" ? learnt.places : new Int32Array();
  const shares = Array.from(
    { length: classes },
    (_, c) => places.filter((place) => place === c).length / places.length,
  );
  const rows = truth.kind === "classes" ? truth.places : new Int32Array();
  const probabilities = Float64Array.from({ length: rows.length * classes }, (_, i) => shares[i % classes]);
  return { kind: "classes", probabilities, truth: rows };
}
