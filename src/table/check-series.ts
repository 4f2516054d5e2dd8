// The preprocessing of a series comes from files, too: checked before anything is done on its word.
import * as v from "valibot";
import { checkJson } from "../check-json.ts";
import { GmnmError } from "../errors.ts";
import { amount, count, positive } from "../nn/options.ts";
import { checkPreprocessing } from "./check.ts";
import type { AnyPreprocessing } from "./json-rows.ts";

/** What a machine can hold in one row of a model's input; more is a mistake. */
const MAX_NUMBERS = 2 ** 20;
const size = v.pipe(count, v.maxValue(MAX_NUMBERS, `a whole number of at most ${MAX_NUMBERS}`));

const column = v.strictObject({
  name: v.string("a text"),
  transform: v.picklist(["identity", "log"], '"identity" or "log"'),
  center: v.pipe(v.number("a number"), v.finite("a finite number")),
  scale: positive,
});

const schema = v.strictObject({
  format: v.literal("gmnm series preprocessing"),
  version: v.literal(1, "1, which is what this library reads"),
  time: v.optional(v.string("a text")),
  lookback: size,
  horizon: size,
  season: v.optional(count),
  columns: v.pipe(v.array(column, "a list of columns"), v.minLength(1, "at least one column")),
  targets: v.pipe(v.array(amount, "a list of places"), v.minLength(1, "at least one place")),
});

/**
 * The preprocessing, of a table or of a series, that parsed JSON describes, whoever wrote it.
 *
 * @param source - the name of the file, for messages.
 * @throws GmnmError, one sentence that names the source and the place, for what is not preprocessing.
 */
export function checkAnyPreprocessing(json: unknown, source: string): AnyPreprocessing {
  if ((json as { format?: unknown } | null)?.format !== "gmnm series preprocessing")
    return checkPreprocessing(json, source);
  const preprocessing = checkJson(schema, json, source);
  const { columns, targets, lookback } = preprocessing;
  const stranger = targets.find((place) => place >= columns.length);
  if (stranger !== undefined) {
    throw new GmnmError(`${source}: targets has place ${stranger}, but there are ${columns.length} columns`);
  }
  if (lookback * columns.length > MAX_NUMBERS) {
    throw new GmnmError(`${source}: ${lookback} rows of ${columns.length} columns are more than a model can see`);
  }
  return preprocessing;
}
