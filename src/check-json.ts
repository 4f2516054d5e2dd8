import * as v from "valibot";
import { GmnmError, quote, shorten } from "./errors.ts";

/**
 * Parsed JSON of a known form, whoever wrote it.
 *
 * @param source what it is called in messages, such as the name of its file.
 * @throws GmnmError, one sentence that names the source, the place, what was expected there and what was found.
 */
export function checkJson<T>(schema: v.GenericSchema<unknown, T>, json: unknown, source: string): T {
  const result = v.safeParse(schema, json);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const place = v.getDotPath(issue) ?? "its content";
  if (issue.expected === "never") {
    const known = issue.path?.length === 1 && "entries" in schema ? Object.keys(schema.entries as object) : [];
    const hint = known.length > 0 ? `; there are ${known.join(", ")}` : "";
    throw new GmnmError(`${source}: there is no ${quote(place)}${hint}`);
  }
  if (issue.received === "undefined") throw new GmnmError(`${source}: ${shorten(place)} is missing`);
  // Valibot's own messages begin with "Invalid"; ours say what was expected.
  const expected = issue.message.startsWith("Invalid") ? issue.expected : issue.message;
  // A check of ours says what it found; of what type that is would add nothing.
  const found = issue.type === "raw_check" ? "" : `, got ${shorten(issue.received)}`;
  throw new GmnmError(`${source}: ${shorten(place)} must be ${expected}${found}`);
}
