// Preprocessing comes from files: checked before anything is done on its word.
import * as v from "valibot";
import { GmnmError } from "../errors.ts";
import { amount, count } from "../nn/options.ts";
import type { AnyPreprocessing } from "./json-rows.ts";

const number = v.pipe(v.number("a number"), v.finite("a finite number"));
const scale = v.pipe(number, v.gtValue(0, "a number above 0"));
const text = v.string("text");

const input = v.variant("kind", [
  v.strictObject({
    kind: v.literal("number"),
    name: text,
    transform: v.picklist(["identity", "signedLog"]),
    center: number,
    scale,
    fill: number,
    flag: v.boolean(),
  }),
  v.strictObject({ kind: v.literal("category"), name: text, levels: v.array(text) }),
  v.strictObject({
    kind: v.literal("date"),
    name: text,
    center: number,
    scale,
    cycles: v.array(scale),
    fill: number,
  }),
]);

const targetColumn = v.strictObject({
  name: text,
  transform: v.picklist(["identity", "signedLog"]),
  center: number,
  scale,
});
const target = v.variant("kind", [
  v.strictObject({ kind: v.literal("numbers"), columns: v.pipe(v.array(targetColumn), v.minLength(1)) }),
  v.strictObject({ kind: v.literal("classes"), name: text, classes: v.pipe(v.array(text), v.minLength(1)) }),
]);

const table = v.strictObject({
  format: v.literal("gmnm preprocessing"),
  version: v.literal(1),
  inputs: v.array(input),
  target,
  ignored: v.array(v.strictObject({ name: text, reason: text })),
});

const series = v.strictObject({
  format: v.literal("gmnm series preprocessing"),
  version: v.literal(1),
  time: v.optional(text),
  lookback: count,
  horizon: count,
  season: v.optional(count),
  columns: v.pipe(
    v.array(v.strictObject({ name: text, transform: v.picklist(["identity", "log"]), center: number, scale })),
    v.minLength(1),
  ),
  targets: v.pipe(v.array(amount), v.minLength(1)),
});

const schema = v.variant("format", [table, series]);

/**
 * Preprocessing as it was read from a file.
 *
 * @param source - the file's name, for messages.
 * @throws GmnmError, one sentence that names the source and the place, for what is not preprocessing.
 */
export function checkPreprocessing(value: unknown, source: string): AnyPreprocessing {
  const result = v.safeParse(schema, value);
  if (!result.success) {
    const [issue] = result.issues;
    const path = v.getDotPath(issue) ?? "it";
    const expected = issue.message.startsWith("Invalid") ? issue.expected : issue.message;
    throw new GmnmError(`${source}: not preprocessing: ${path} must be ${expected}, got ${issue.received}`);
  }
  const { output } = result;
  if (output.format === "gmnm series preprocessing") {
    const stranger = output.targets.find((place) => place >= output.columns.length);
    if (stranger === undefined) return output;
    throw new GmnmError(`${source}: not preprocessing: target ${stranger} of ${output.columns.length} columns`);
  }
  const names = output.inputs.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice === undefined) return output;
  throw new GmnmError(`${source}: not preprocessing: column ${JSON.stringify(twice)} is there twice`);
}
