// What is predicted: the task, the rows that can be learnt from, scales and classes. Our choice of rules.
import { GmnmError } from "../errors.ts";
import { compareLevels, levelsOf, strayValues, valueKind } from "./infer.ts";
import { type Target, targetNames } from "./preprocessing.ts";
import { moments, scaleOf, signedLog } from "./statistics.ts";
import { allRows, kindOfCell, placeOf, type Table, type TableColumn, textOfCell } from "./table.ts";

/** What a model learns: numbers, or which of several classes. */
export type Task = "regression" | "classification";

/** Whole numbers with at most this many different values name classes, unless they are too rare for that. */
const FEW = 10;
/** Rows per class, in the mean, below which few whole numbers are still numbers. */
const ROWS_PER_CLASS = 5;
/** More classes than this are a mistake. */
export const MAX_CLASSES = 1000;

/**
 * What a target asks for. Words: classification. Numbers: classification when all are whole and at most 10 are different, each in 5 rows on
 * average (wine's 1, 2, 3), else regression (a count from 0 to 50). Several targets: regression.
 */
export function inferTask(columns: readonly TableColumn[], rows: Uint32Array): Task {
  if (columns.length > 1) return "regression";
  const [column] = columns;
  if (valueKind(column) === "category") return "classification";
  const different = new Set<number>();
  let present = 0;
  for (const row of rows) {
    const value = column.values[row];
    if (Number.isNaN(value)) continue;
    if (!Number.isInteger(value)) return "regression";
    present++;
    different.add(value);
    if (different.size > FEW) return "regression";
  }
  return present >= ROWS_PER_CLASS * different.size ? "classification" : "regression";
}

/**
 * The rows, of all or of those given, in which every target has a value.
 *
 * @param target - what is predicted, or columns: then any value counts for classification, and a number for regression.
 */
export function targetRows(table: Table, target: Target, rows?: Uint32Array): Uint32Array {
  return rowsWith(
    targetNames(target).map((name) => findColumn(table, name)),
    target.kind === "numbers" ? "regression" : "classification",
    allRows(table, rows),
  );
}

/** A column by its name, as a file must have it that a preprocessing is used on. */
export function findColumn(table: Table, name: string): TableColumn {
  const column = table.columns.find((other) => other.name === name);
  if (!column)
    throw new GmnmError(`${table.source} has no column ${JSON.stringify(name)}, which the model was trained with`);
  return column;
}

/** The rows in which every column has a value that the task can use. */
export const rowsWith = (columns: readonly TableColumn[], task: Task, rows: Uint32Array): Uint32Array =>
  rows.filter((row) =>
    columns.every((column) => {
      const kind = kindOfCell(column, row);
      return task === "regression" ? kind === "number" : kind !== "missing";
    }),
  );

/** How a target of numbers is scaled: as it is, or by its logarithm where that makes it less skewed ("auto") or in any case. */
export type TargetTransform = "identity" | "signedLog" | "auto";

/**
 * Scales or classes from the training rows.
 *
 * @throws GmnmError for a target that nothing can be learnt of.
 */
export function fitTarget(
  table: Table,
  columns: readonly TableColumn[],
  task: Task,
  { rows, transform, warnings }: { rows: Uint32Array; transform: TargetTransform; warnings: string[] },
): Target {
  return task === "regression"
    ? { kind: "numbers", columns: columns.map((column) => fitNumbers(table, column, rows, transform, warnings)) }
    : fitClasses(table, columns, rows, warnings);
}

/** A transformation that pulls in long tails, where there are some; see docs/tables.md. */
export function chooseTransform(values: Float64Array, skewness: number): "identity" | "signedLog" {
  if (Math.abs(skewness) <= SKEWED) return "identity";
  return Math.abs(moments(values.map(signedLog)).skewness) < Math.abs(skewness) / 2 ? "signedLog" : "identity";
}

/** Above this skewness (an exponential distribution has 2) logarithms are tried. */
const SKEWED = 2;

function fitNumbers(table: Table, column: TableColumn, rows: Uint32Array, wanted: TargetTransform, warnings: string[]) {
  const kind = valueKind(column);
  if (kind !== "number") {
    const row = [column.first.word, column.first.date].filter((r) => r !== undefined).sort((a, b) => a - b)[0];
    const example = JSON.stringify(textOfCell(column, row));
    throw new GmnmError(`${placeOf(table, column, row)}: ${example} is not a number, and regression predicts numbers`);
  }
  const stray = strayValues(table, column, "number");
  if (stray) warnings.push(`${stray}; such rows are left out`);
  const values = Float64Array.from(rows, (row) => column.values[row]);
  const plain = moments(values);
  if (plain.deviation === 0) {
    throw new GmnmError(
      `${table.source}, column ${JSON.stringify(column.name)}: the target is ${values[0]} in all rows`,
    );
  }
  const transform = wanted === "auto" ? chooseTransform(values, plain.skewness) : wanted;
  const used = transform === "identity" ? plain : moments(values.map(signedLog));
  return { name: column.name, transform, center: used.mean, scale: scaleOf(used) };
}

function fitClasses(table: Table, columns: readonly TableColumn[], rows: Uint32Array, warnings: string[]): Target {
  const place = `${table.source}, column ${JSON.stringify(columns[0].name)}`;
  if (columns.length > 1) {
    throw new GmnmError(
      `${table.source}: classification has one target, got ${columns.map(({ name }) => JSON.stringify(name)).join(", ")}`,
    );
  }
  const levels = levelsOf(columns[0], rows);
  if (levels.length < 2) {
    throw new GmnmError(
      `${place}: the target is ${JSON.stringify(levels[0]?.level)} in all rows, so there is nothing to tell apart`,
    );
  }
  if (levels.length > MAX_CLASSES || columns[0].words.length > MAX_CLASSES) {
    throw new GmnmError(`${place}: ${levels.length} classes, more than ${MAX_CLASSES}; is this the right target?`);
  }
  const single = levels.filter((level) => level.rows === 1);
  if (single.length > 0) {
    const names = single.slice(0, 3).map(({ level }) => JSON.stringify(level));
    warnings.push(
      `${place}: ${names.join(", ")}${single.length > 3 ? ", …" : ""} ${single.length === 1 ? "is a class" : "are classes"} of one row`,
    );
  }
  const classes = levels.map(({ level }) => level).sort(compareLevels);
  return { kind: "classes", name: columns[0].name, classes };
}
