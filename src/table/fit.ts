// From the training rows of a table: how its columns become features. Our choice of rules; docs/tables.md lists them.
import { GmnmError } from "../errors.ts";
import { fitCycles } from "./cycles.ts";
import { inferKind, MAX_LEVELS, strayValues } from "./infer.ts";
import type { Input, Preprocessing } from "./preprocessing.ts";
import { median, moments, scaleOf, signedLog } from "./statistics.ts";
import { allRows, count, kindOfCell, resolveColumn, type Table, type TableColumn } from "./table.ts";
import { chooseTransform, fitTarget, inferTask, rowsWith, type TargetTransform, type Task } from "./target.ts";

/** Options of {@link fitPreprocessing}. Columns are named as {@link resolveColumn} takes them. */
export type PreprocessingOptions = {
  /** The columns to predict. */
  target: readonly string[];
  /** The columns to predict from. Default: all others that are of use. */
  features?: readonly string[];
  /** Columns to leave out. */
  ignore?: readonly string[];
  /** Default "auto": by the target, see {@link inferTask}. */
  task?: Task | "auto";
  /** The training rows: from them alone come scales, levels and classes. Default all. */
  rows?: Uint32Array;
  /** Default "identity". "auto" takes logarithms of heavily skewed targets. */
  targetTransform?: TargetTransform;
};

/** What {@link fitPreprocessing} found. */
export type FittedPreprocessing = {
  preprocessing: Preprocessing;
  task: Task;
  /** The training rows that have a target; the others cannot be learnt from. */
  rows: Uint32Array;
  /** How many of the rows have no target. */
  dropped: number;
  /** One sentence each, for people. */
  warnings: string[];
};

/**
 * Decides how columns become features and targets, from the training rows: kinds of columns, scales, fills for missing values, levels,
 * classes.
 *
 * @example
 * ```ts
 * const { preprocessing, task, rows } = fitPreprocessing(table, { target: ["price"] });
 * const x = encodeInputs(table, preprocessing, rows); // (rows, features)
 * const y = encodeTarget(table, preprocessing, rows); // (rows, outputs)
 * ```
 * @throws GmnmError, one sentence, when there is no such column, nothing to learn, or nothing to learn from.
 */
export function fitPreprocessing(table: Table, options: PreprocessingOptions): FittedPreprocessing {
  const { target, features, ignore = [], task: wanted = "auto", targetTransform = "identity" } = options;
  const warnings: string[] = [];
  const columnsOf = (names: readonly string[]) => [...new Set(names.map((name) => resolveColumn(table, name)))];
  const targets = columnsOf(target);
  if (targets.length === 0) throw new GmnmError("name at least one column to predict");
  const left = columnsOf(ignore);
  const asked = features && columnsOf(features);
  for (const column of targets) refuseBoth(table, column, left, asked);

  const given = allRows(table, options.rows);
  const task = wanted === "auto" ? inferTask(targets, given) : wanted;
  const rows = rowsWith(targets, task, given);
  if (rows.length === 0) throw new GmnmError(`${table.source}: no row has a value of ${names(targets)}`);
  const fitted = fitTarget(table, targets, task, { rows, transform: targetTransform, warnings });
  if (rows.length < given.length) {
    warnings.push(
      `${count(given.length - rows.length, "row")} of ${given.length.toLocaleString("en-US")} without a value of ${names(targets)} are left out`,
    );
  }

  const inputs: Input[] = [];
  const ignored: Preprocessing["ignored"] = [];
  for (const column of table.columns) {
    if (targets.includes(column)) continue;
    const isAsked = asked?.includes(column) ?? false;
    if (left.includes(column)) ignored.push({ name: column.name, reason: "as asked" });
    else if (asked && !isAsked) ignored.push({ name: column.name, reason: "not among the features asked for" });
    else {
      const input = fitInput(table, column, { rows, asked: isAsked, warnings });
      if ("reason" in input) ignored.push(input);
      else inputs.push(input);
    }
  }
  if (inputs.length === 0) keepCounter(table, { rows, warnings, inputs, ignored });
  if (inputs.length === 0) {
    const why = ignored.slice(0, 5).map(({ name, reason }) => `${JSON.stringify(name)} (${reason})`);
    throw new GmnmError(`${table.source} has no column to predict from${why.length > 0 ? `: ${why.join(", ")}` : ""}`);
  }
  return {
    preprocessing: { format: "gmnm preprocessing", version: 1, inputs, target: fitted, ignored },
    task,
    rows,
    dropped: given.length - rows.length,
    warnings,
  };
}

type FitContext = { rows: Uint32Array; asked: boolean; warnings: string[] };

function fitInput(table: Table, column: TableColumn, context: FitContext): Input | { name: string; reason: string } {
  const { rows, warnings } = context;
  const { name } = column;
  const found = inferKind(table, column, context);
  if (found.kind === "ignored") return { name, reason: found.reason };
  if (found.kind === "category") {
    if (found.distinct > MAX_LEVELS) {
      warnings.push(
        `column ${JSON.stringify(name)} has ${count(found.distinct, "different value")}; the ${MAX_LEVELS} most frequent are told apart`,
      );
    }
    return { kind: "category", name, levels: found.levels.map(({ level }) => level) };
  }
  const stray = strayValues(table, column, found.kind);
  if (stray) warnings.push(`${stray}; taken as missing`);
  const values = valuesOf(column, found.kind, rows);
  const fill = median(values);
  if (found.kind === "date") {
    const { mean, deviation } = moments(values);
    return { kind: "date", name, center: mean, scale: deviation || 1, cycles: fitCycles(values), fill };
  }
  const plain = moments(values);
  const transform = chooseTransform(values, plain.skewness);
  const used = transform === "identity" ? plain : moments(values.map(signedLog));
  const flag = values.length < rows.length;
  return { kind: "number", name, transform, center: used.mean, scale: scaleOf(used), fill, flag };
}

/** The numbers, or the days of dates, that there are. */
export function valuesOf(column: TableColumn, kind: "number" | "date", rows: Uint32Array): Float64Array<ArrayBuffer> {
  return Float64Array.from(
    rows.filter((row) => kindOfCell(column, row) === kind),
    (row) => column.values[row],
  );
}

/** A column that counts the rows is left out beside others; when it is all there is, it is what to predict from. */
function keepCounter(
  table: Table,
  {
    rows,
    warnings,
    inputs,
    ignored,
  }: Omit<FitContext, "asked"> & { inputs: Input[]; ignored: Preprocessing["ignored"] },
): void {
  for (const { name, reason } of [...ignored]) {
    if (reason !== "it counts the rows") continue;
    const input = fitInput(table, resolveColumn(table, name), { rows, asked: true, warnings });
    if ("reason" in input) continue;
    inputs.push(input);
    ignored.splice(
      ignored.findIndex((other) => other.name === name),
      1,
    );
  }
}

function refuseBoth(
  table: Table,
  target: TableColumn,
  left: readonly TableColumn[],
  asked: readonly TableColumn[] | undefined,
): void {
  const other = left.includes(target) ? "to be ignored" : asked?.includes(target) ? "a feature" : undefined;
  if (other)
    throw new GmnmError(
      `${table.source}: column ${JSON.stringify(target.name)} cannot be both the target and ${other}`,
    );
}

const names = (columns: readonly TableColumn[]): string => columns.map(({ name }) => JSON.stringify(name)).join(", ");
