import * as v from "valibot";
import { GmnmError, quote } from "../errors.ts";

const wholeNumber = "a whole number of at least 1";
const notNegative = "a whole number of at least 0";
const aboveZero = "a number above 0";
const fraction = "a number in [0, 1)";

/** Counts and sizes. */
export const count = v.pipe(v.number(wholeNumber), v.safeInteger(wholeNumber), v.minValue(1, wholeNumber));
/** Amounts that may be nothing. */
export const amount = v.pipe(v.number(notNegative), v.safeInteger(notNegative), v.minValue(0, notNegative));
/** Widths and scales. */
export const positive = v.pipe(v.number(aboveZero), v.finite(aboveZero), v.gtValue(0, aboveZero));
/** Rates and shares. */
export const share = v.pipe(v.number(fraction), v.minValue(0, fraction), v.ltValue(1, fraction));
/** A closed interval [low, high] of more than one point. */
export const interval = v.pipe(
  v.array(v.pipe(v.number(), v.finite()), "a pair [low, high]"),
  v.check((ends) => ends.length === 2 && ends[0] < ends[1], "a pair [low, high] with low < high"),
  v.transform(([low, high]): [number, number] => [low, high]),
);

type Entries = v.StrictObjectSchema<v.ObjectEntries, undefined>;

/**
 * Checks options against a strict schema and fills in defaults, or throws one sentence that names the owner, the option, what was
 * expected and what was found.
 */
export function checkOptions<S extends Entries>(owner: string, schema: S, options: unknown): v.InferOutput<S> {
  const result = v.safeParse(schema, options);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const path = v.getDotPath(issue) ?? "options";
  if (issue.expected === "never") {
    throw new GmnmError(`${owner} has no option ${quote(path)}; it has ${Object.keys(schema.entries).join(", ")}`);
  }
  // Valibot's own messages begin with "Invalid"; ours say what was expected.
  const expected = issue.message.startsWith("Invalid") ? issue.expected : issue.message;
  throw new GmnmError(`${path} of ${owner} must be ${expected}, got ${issue.received}`);
}
