import * as v from "valibot";
import { checkJson } from "../check-json.ts";
import { GmnmError } from "../errors.ts";
import { positive } from "../nn/options.ts";
import { type Preprocessing, targetNames } from "./preprocessing.ts";
import { MAX_COLUMNS } from "./read-csv.ts";
import { MAX_CLASSES } from "./target.ts";

/** Longer names and levels are a mistake; our choice. */
const MAX_TEXT = 2 ** 16;
const MAX_CYCLES = 16;

const finite = v.pipe(v.number("a number"), v.finite("a finite number"));
const text = v.pipe(v.string("a text"), v.maxLength(MAX_TEXT, `a text of at most ${MAX_TEXT} characters`));
const name = v.pipe(
  text,
  v.check((value) => value !== "__proto__", 'a name other than "__proto__"'),
);
const transform = v.picklist(["identity", "signedLog"], '"identity" or "signedLog"');
const list = <S extends v.GenericSchema>(item: S, least: number, most: number, what: string) =>
  v.pipe(
    v.array(item, `a list of ${what}`),
    v.check(({ length }) => length >= least && length <= most, `a list of ${least} to ${most} ${what}`),
  );
const different = <S extends v.GenericSchema>(item: S, least: number, most: number, what: string) =>
  v.pipe(
    list(item, least, most, what),
    v.check((items) => new Set(items.map(keyOf)).size === items.length, `a list of different ${what}`),
  );
/** Columns are told apart by their names. */
const keyOf = (item: unknown): unknown =>
  typeof item === "object" && item !== null && "name" in item ? item.name : item;

const scaled = { name, center: finite, scale: positive };
const input = v.variant(
  "kind",
  [
    v.strictObject({ kind: v.literal("number"), ...scaled, transform, fill: finite, flag: v.boolean("true or false") }),
    v.strictObject({ kind: v.literal("category"), name, levels: different(text, 1, MAX_CLASSES, "levels") }),
    v.strictObject({
      kind: v.literal("date"),
      ...scaled,
      cycles: different(positive, 0, MAX_CYCLES, "cycles"),
      fill: finite,
    }),
  ],
  '"number", "category" or "date"',
);
const target = v.variant(
  "kind",
  [
    v.strictObject({
      kind: v.literal("numbers"),
      columns: different(v.strictObject({ ...scaled, transform }), 1, MAX_COLUMNS, "columns"),
    }),
    v.strictObject({ kind: v.literal("classes"), name, classes: different(text, 2, MAX_CLASSES, "classes") }),
  ],
  '"numbers" or "classes"',
);
const schema = v.strictObject({
  format: v.literal("gmnm preprocessing", '"gmnm preprocessing"'),
  version: v.literal(1, "1, which is what this library reads"),
  inputs: different(input, 1, MAX_COLUMNS, "inputs"),
  target,
  ignored: list(v.strictObject({ name: text, reason: text }), 0, MAX_COLUMNS, "ignored columns"),
});

/**
 * The preprocessing that parsed JSON describes, whoever wrote it.
 *
 * @param source - the name of the file, for messages.
 *
 * @example
 * ```ts
 * const preprocessing = checkPreprocessing(JSON.parse(await readFile("run/preprocessing.json", "utf8")));
 * ```
 * @throws GmnmError, one sentence that names the place, what was expected there, and what was found.
 */
export function checkPreprocessing(json: unknown, source = "preprocessing.json"): Preprocessing {
  const preprocessing = checkJson(schema, json, source);
  const targets = targetNames(preprocessing.target);
  const both = preprocessing.inputs.find(({ name }) => targets.includes(name));
  if (both) throw new GmnmError(`${source}: column ${JSON.stringify(both.name)} is an input and the target`);
  return preprocessing;
}
