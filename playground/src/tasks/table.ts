// The user's own table: some columns to learn another from, made into numbers as `gmnm fit` makes them, or as a run has.
import { encodeInputs, encodeTarget } from "../../../src/table/encode.ts";
import { fitPreprocessing } from "../../../src/table/fit.ts";
import { levelsOf } from "../../../src/table/infer.ts";
import type { Preprocessing, Target } from "../../../src/table/preprocessing.ts";
import { resolveColumn, type Table, textOfCell } from "../../../src/table/table.ts";
import { inferTask, rowsWith } from "../../../src/table/target.ts";
import { type Choice, MAX_CLASSES, TableError } from "../csv/table.ts";
import { Random } from "../gmnm.ts";
import type { State } from "../state/state.ts";
import type { Problem } from "./problem.ts";
import { gridFor, viewOf } from "./table-view.ts";

/** Rows held out to judge by, as a share. */
const HELD_OUT = 0.2;
const [MIN_ROWS, MAX_ROWS] = [10, 20_000];
const [FULL_BATCH_ROWS, BATCH_ROWS] = [1024, 256];

/**
 * What a choice of a table asks of a model. Scales, levels and classes come from the rows that are learnt from, or from the run that was chosen.
 * @throws TableError or GmnmError: one sentence for the user.
 */
export function tableProblem(state: State, table: Table, choice: Choice): Problem {
  const rows = rowsOf(state, table, choice);
  const held = Math.round(HELD_OUT * rows.length);
  const { preprocessing, warnings } = preprocess(table, choice, rows.subarray(held));
  const { target, ignored } = preprocessing;
  const [test, train] = [rows.subarray(0, held), rows.subarray(held)].map((some) => labelled(table, target, some));
  if (train.length === 0 || test.length === 0)
    throw new TableError(
      `${table.source} has too few rows of each ${choice.target} to learn from some and judge by others`,
    );
  const [x, testX] = [train, test].map((some) => encodeInputs(table, preprocessing, some));
  const [y, testY] = [train, test].map((some) => encodeTarget(table, preprocessing, some));
  const view = viewOf(preprocessing, { x, y, testY });
  return {
    inFeatures: x.shape[1],
    outFeatures: y.shape[1],
    loss: target.kind === "classes" ? "crossEntropy" : "mse",
    data: { x, y },
    sample: x,
    ...(train.length > FULL_BATCH_ROWS && state.optimizer === "adam" && { batchSize: BATCH_ROWS }),
    test: { x: testX, y: testY },
    view,
    grid: gridFor(preprocessing, view),
    notes: [
      ...warnings,
      ...(choice.run ? [] : ignored)
        .filter(({ name }) => choice.features.includes(name))
        .map(({ name, reason }) => `${name} is left out: ${reason}`),
    ],
  };
}

/** The rows that can be learnt from, in the order of the seed; those that come first are held out. */
function rowsOf({ seed }: State, table: Table, { target, features, run }: Choice): Uint32Array {
  if (features.length === 0) throw new TableError(`choose at least one column to learn ${target} from`);
  const column = resolveColumn(table, target);
  const all = new Random(seed).permutation(table.rows);
  const known = run?.preprocessing.target;
  const isNumbers = known ? known.kind === "numbers" : inferTask([column], all) === "regression";
  const rows = rowsWith([column], isNumbers ? "regression" : "classification", all);
  const classes = isNumbers ? 0 : known?.kind === "classes" ? known.classes.length : levelsOf(column, rows).length;
  if (classes > MAX_CLASSES)
    throw new TableError(`${target} has ${classes} different values; classes to tell apart are 2 to ${MAX_CLASSES}`);
  if (rows.length < MIN_ROWS) {
    const what = `${rows.length} rows with a value of ${target}`;
    throw new TableError(`${table.source} has ${what}; at least ${MIN_ROWS} are needed`);
  }
  return rows.subarray(0, MAX_ROWS);
}

function preprocess(
  table: Table,
  { target, features, run }: Choice,
  rows: Uint32Array,
): { preprocessing: Preprocessing; warnings: string[] } {
  if (run) {
    const warning = `${run.name} may have learnt from the rows that it is judged by`;
    return { preprocessing: run.preprocessing, warnings: [warning] };
  }
  return fitPreprocessing(table, { target: [target], features, rows });
}

/** Without the rows of classes that are not known. */
function labelled(table: Table, target: Target, rows: Uint32Array): Uint32Array {
  if (target.kind === "numbers") return rows;
  const [column, classes] = [resolveColumn(table, target.name), new Set(target.classes)];
  return rows.filter((row) => classes.has(textOfCell(column, row) ?? ""));
}
