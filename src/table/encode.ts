// Columns → features, rows → one tensor; the same for files and for JSON. See docs/tables.md.
import { GmnmError } from "../errors.ts";
import type { Tensor } from "../tensor.ts";
import { nameOfCycle } from "./cycles.ts";
import type { Input, Preprocessing, Target } from "./preprocessing.ts";
import { signedLog } from "./statistics.ts";
import { allRows, kindOfCell, placeOf, type Table, type TableColumn, textOfCell } from "./table.ts";
import { findColumn } from "./target.ts";

/** How many features a column makes. */
export function widthOf(input: Input): number {
  if (input.kind === "category") return input.levels.length;
  return input.kind === "date" ? 1 + 2 * input.cycles.length : input.flag ? 2 : 1;
}

/**
 * What each feature is, in order: `age`, `age is missing`, `city = Bonn`, `day: trend`, `day: sin of year`.
 */
export const featureNames = ({ inputs }: Preprocessing): string[] => inputs.flatMap(namesOf);

function namesOf(input: Input): string[] {
  const { name } = input;
  if (input.kind === "category") return input.levels.map((level) => `${name} = ${level}`);
  if (input.kind === "number") return input.flag ? [name, `${name} is missing`] : [name];
  const cycles = input.cycles.map(nameOfCycle);
  return [`${name}: trend`, ...cycles.flatMap((cycle) => [`${name}: sin of ${cycle}`, `${name}: cos of ${cycle}`])];
}

/** Writes the features of a number or of a date's days; NaN where it is missing. */
export function writeValue(
  input: Exclude<Input, { kind: "category" }>,
  value: number,
  out: Float32Array,
  at: number,
): void {
  const isMissing = Number.isNaN(value);
  const known = isMissing ? input.fill : value;
  if (input.kind === "number") {
    out[at] = ((input.transform === "signedLog" ? signedLog(known) : known) - input.center) / input.scale;
    if (input.flag) out[at + 1] = isMissing ? 1 : 0;
    return;
  }
  out[at] = (known - input.center) / input.scale;
  input.cycles.forEach((length, i) => {
    const angle = (2 * Math.PI * known) / length;
    out[at + 1 + 2 * i] = Math.sin(angle);
    out[at + 2 + 2 * i] = Math.cos(angle);
  });
}

/**
 * The features of rows, in the order of `rows`.
 *
 * @param rows - which rows, and in what order. Default all.
 * @returns (rows, features)
 * @throws GmnmError that names file, line and column, when a column is not there, or most of its values are of another kind. Single words in a
 * column of numbers count as missing, as in training; `inputWarnings` reports them.
 */
export function encodeInputs(table: Table, { inputs }: Preprocessing, rows?: Uint32Array): Tensor {
  const used = allRows(table, rows);
  const width = inputs.reduce((sum, input) => sum + widthOf(input), 0);
  const data = new Float32Array(used.length * width);
  let at = 0;
  for (const input of inputs) {
    const column = findColumn(table, input.name);
    if (input.kind === "category") writeLevels(column, input.levels, used, { data, width, at });
    else {
      refuseOtherKind(table, column, input.kind);
      used.forEach((row, i) => {
        const isKind = kindOfCell(column, row) === input.kind;
        writeValue(input, isKind ? column.values[row] : Number.NaN, data, i * width + at);
      });
    }
    at += widthOf(input);
  }
  return { data, shape: [used.length, width] };
}

type Place = { data: Float32Array; width: number; at: number };

function writeLevels(
  column: TableColumn,
  levels: readonly string[],
  rows: Uint32Array,
  { data, width, at }: Place,
): void {
  const places = new Map(levels.map((level, i) => [level, i]));
  const ofWord = column.words.map((word) => places.get(word)); // looked up once per word, not per row
  rows.forEach((row, i) => {
    const code = column.codes?.[row] ?? 0;
    const level = code >= 2 ? ofWord[code - 2] : places.get(textOfCell(column, row) ?? "");
    if (level !== undefined && (code > 0 || !Number.isNaN(column.values[row]))) data[i * width + at + level] = 1;
  });
}

/** More than half of the values are of another kind: this is another column, not a few slips. */
function refuseOtherKind(table: Table, column: TableColumn, kind: "number" | "date"): void {
  const { counts, first } = column;
  const others = counts.number + counts.date + counts.word - counts[kind];
  if (others <= counts[kind]) return;
  const rows = [first.word, kind === "number" ? first.date : first.number].filter((row) => row !== undefined);
  const row = Math.min(...rows);
  throw new GmnmError(`${placeOf(table, column, row)}: ${JSON.stringify(textOfCell(column, row))} is not a ${kind}`);
}

/**
 * What a model is to predict in rows, as `fit` takes it: standardised numbers (rows, columns), or one-hot rows (rows, classes).
 *
 * @param rows - which rows; those that `fitPreprocessing` or `targetRows` give have a target.
 * @throws GmnmError that names line and column, for a row without a target, or with a class that training did not know.
 */
export function encodeTarget(table: Table, { target }: Preprocessing, rows?: Uint32Array): Tensor {
  const used = allRows(table, rows);
  return target.kind === "numbers" ? encodeNumbers(table, target, used) : encodeClasses(table, target, used);
}

function encodeNumbers(table: Table, { columns }: Extract<Target, { kind: "numbers" }>, rows: Uint32Array): Tensor {
  const data = new Float32Array(rows.length * columns.length);
  columns.forEach(({ name, transform, center, scale }, j) => {
    const column = findColumn(table, name);
    rows.forEach((row, i) => {
      if (kindOfCell(column, row) !== "number") {
        const found = textOfCell(column, row);
        throw new GmnmError(
          `${placeOf(table, column, row)}: ${found === undefined ? "the target is missing" : `${JSON.stringify(found)} is not a number`}`,
        );
      }
      const value = column.values[row];
      data[i * columns.length + j] = ((transform === "signedLog" ? signedLog(value) : value) - center) / scale;
    });
  });
  return { data, shape: [rows.length, columns.length] };
}

function encodeClasses(
  table: Table,
  { name, classes }: Extract<Target, { kind: "classes" }>,
  rows: Uint32Array,
): Tensor {
  const column = findColumn(table, name);
  const places = new Map(classes.map((text, c) => [text, c]));
  const data = new Float32Array(rows.length * classes.length);
  rows.forEach((row, i) => {
    const text = textOfCell(column, row);
    const c = text === undefined ? undefined : places.get(text);
    if (c === undefined) {
      const problem =
        text === undefined
          ? "the target is missing"
          : `${JSON.stringify(text)} is not one of the ${classes.length} classes of the training`;
      throw new GmnmError(`${placeOf(table, column, row)}: ${problem}`);
    }
    data[i * classes.length + c] = 1;
  });
  return { data, shape: [rows.length, classes.length] };
}
