// Rows as JSON has them: objects whose keys are the names of columns.
import { GmnmError, quote } from "../errors.ts";
import type { Tensor } from "../tensor.ts";
import { isMissing, isUsable, parseNumber } from "./cell.ts";
import { parseDate, showDate } from "./dates.ts";
import { widthOf, writeValue } from "./encode.ts";
import type { Input, Preprocessing } from "./preprocessing.ts";
import { nearest } from "./suggest.ts";

/** Options of {@link encodeRows}. */
export type EncodeRowsOptions = {
  /** Told, in a sentence each, what can be encoded but was not there in training: levels of categories. */
  onWarning?: (sentence: string) => void;
};

/**
 * The features of rows from JSON, such as `[{ "age": 31, "city": "Bonn", "since": "2024-12-31" }]`. Every input column must be there; null
 * says that a value is not known. Columns that training ignored, and the target, may be there and do not matter.
 *
 * @returns (rows, features)
 * @throws GmnmError, one sentence with the row, counted from 1, and the column, for what does not fit.
 */
export function encodeRows(rows: unknown, preprocessing: Preprocessing, { onWarning }: EncodeRowsOptions = {}): Tensor {
  if (!Array.isArray(rows)) throw new GmnmError(`expected a list of rows, got ${show(rows)}`);
  const width = preprocessing.inputs.reduce((sum, input) => sum + widthOf(input), 0);
  const known = knownNames(preprocessing);
  const data = new Float32Array(rows.length * width);
  rows.forEach((row, i) => {
    writeRow(row, preprocessing.inputs, known, {
      place: `row ${i + 1}`,
      out: data.subarray(i * width, (i + 1) * width),
      onWarning,
    });
  });
  return { data, shape: [rows.length, width] };
}

/**
 * The features of one row from JSON, see {@link encodeRows}.
 *
 * @returns (1, features)
 */
export const encodeRow = (row: unknown, preprocessing: Preprocessing, options?: EncodeRowsOptions): Tensor =>
  encodeRows([row], preprocessing, options);

type Context = { place: string; out: Float32Array; onWarning: EncodeRowsOptions["onWarning"] };

function writeRow(
  row: unknown,
  inputs: readonly Input[],
  known: ReadonlySet<string>,
  { place, out, onWarning }: Context,
): void {
  if (typeof row !== "object" || row === null || Array.isArray(row)) {
    throw new GmnmError(`${place}: expected an object of values by column, got ${show(row)}`);
  }
  const unknown = Object.keys(row).find((key) => !known.has(key));
  if (unknown !== undefined) {
    const [near] = nearest(
      unknown,
      inputs.map(({ name }) => name).filter((name) => !Object.hasOwn(row, name)),
    );
    const hint = near === undefined ? "" : `; did you mean ${quote(near)}?`;
    throw new GmnmError(`${place}: there is no column ${quote(unknown)}${hint}`);
  }
  let at = 0;
  for (const input of inputs) {
    const { name } = input;
    const where = `${place}, column ${quote(name)}`;
    if (!Object.hasOwn(row, name))
      throw new GmnmError(`${where}: it is not there; null says that a value is not known`);
    const value = (row as Record<string, unknown>)[name];
    if (input.kind === "category") {
      const level = toLevel(value, input.levels, where);
      const found = level === undefined ? -1 : input.levels.indexOf(level);
      if (found >= 0) out[at + found] = 1;
      else if (level !== undefined) onWarning?.(`${where}: ${quote(level)} is not a level that training kept`);
    } else writeValue(input, input.kind === "number" ? toNumber(value, where) : toDays(value, where), out, at);
    at += widthOf(input);
  }
}

function knownNames({ inputs, target, ignored }: Preprocessing): Set<string> {
  const targets = target.kind === "numbers" ? target.columns.map(({ name }) => name) : [target.name];
  return new Set([...inputs.map(({ name }) => name), ...targets, ...ignored.map(({ name }) => name)]);
}

/** A number, NaN where it is missing; text is taken as a file's. */
function toNumber(value: unknown, where: string): number {
  if (isNothing(value)) return Number.NaN;
  const number = typeof value === "string" ? parseNumber(value.trim()) : value;
  if (typeof number === "number" && isUsable(number)) return number;
  throw new GmnmError(`${where}: expected a number or null, got ${show(value)}`);
}

function toDays(value: unknown, where: string): number {
  if (isNothing(value)) return Number.NaN;
  const days = typeof value === "string" ? parseDate(value.trim()) : undefined;
  if (days !== undefined) return days;
  throw new GmnmError(`${where}: expected a date such as "2024-12-31" or null, got ${show(value)}`);
}

/** The level that a file with this value would have; undefined where it is missing. */
function toLevel(value: unknown, levels: readonly string[], where: string): string | undefined {
  if (isNothing(value)) return undefined;
  if (typeof value === "number" && isUsable(value)) return String(value);
  // Files write truth in their own way: true, TRUE, True.
  if (typeof value === "boolean") return levels.find((level) => level.toLowerCase() === String(value)) ?? String(value);
  if (typeof value !== "string")
    throw new GmnmError(`${where}: expected a text, a number, true, false or null, got ${show(value)}`);
  if (levels.includes(value)) return value;
  const text = value.trim();
  const number = parseNumber(text);
  if (number !== undefined) return String(number);
  const days = parseDate(text);
  return days === undefined ? text : showDate(days);
}

const isNothing = (value: unknown): boolean => value === null || (typeof value === "string" && isMissing(value.trim()));

const show = (value: unknown): string => {
  if (Array.isArray(value)) return "a list";
  return typeof value === "string"
    ? quote(value)
    : typeof value === "object" && value !== null
      ? "an object"
      : String(value);
};
