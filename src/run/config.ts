// What a run was asked to do: everything it takes to do it again.
import * as v from "valibot";
import { GmnmError } from "../errors.ts";

const text = v.pipe(v.string(), v.minLength(1, "a text that is not empty"));
const names = v.array(text);
const seconds = v.pipe(v.number(), v.finite(), v.gtValue(0, "a number of seconds above 0"));
const count = v.pipe(v.number(), v.safeInteger("a whole number"), v.minValue(1, "a whole number of at least 1"));

export const tasks = ["auto", "regression", "classification", "forecast"] as const;

const schema = v.strictObject({
  format: v.optional(v.literal("gmnm run"), "gmnm run"),
  version: v.optional(v.literal(1), 1),
  /** The table, as an absolute path. */
  file: text,
  /** SHA-256 of the table's bytes; what came out of another table is another run. */
  sha256: v.optional(v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, "64 hexadecimal digits"))),
  target: v.pipe(names, v.minLength(1, "at least one column")),
  task: v.optional(v.picklist(tasks), "auto"),
  /** Columns to learn from; all but the target's where it is not given. */
  features: v.optional(names),
  ignore: v.optional(names, []),
  /** Of forecasts: the column of dates, steps ahead, steps to look back. */
  time: v.optional(text),
  horizon: v.optional(count),
  lookback: v.optional(count),
  model: v.optional(text, "gmnm"),
  /** Trains the rivals, too. */
  compare: v.optional(v.boolean(), false),
  /** Rows to test on: a file, or a share of the rows drawn with the seed. */
  test: v.optional(v.union([text, v.pipe(v.number(), v.gtValue(0), v.ltValue(1))])),
  seed: v.optional(
    v.pipe(v.number(), v.safeInteger("a whole number"), v.minValue(0, "a whole number of at least 0")),
    0,
  ),
  /** Seconds to train in. */
  timeBudget: v.optional(seconds, 50),
  /** What was decided within the time budget, by model: with it a run repeats to the bit on the same machine. */
  plans: v.optional(v.record(v.string(), v.unknown())),
});

/** What a run was asked to do, every default resolved. */
export type RunConfig = v.InferOutput<typeof schema>;
/** The same before defaults. */
export type RunRequest = v.InferInput<typeof schema>;

/**
 * Checks a config, whoever wrote it, and fills in the defaults.
 *
 * @param source - the name of the file it came from, for messages.
 * @throws GmnmError, one sentence that names the setting.
 */
export function checkConfig(config: unknown, source: string): RunConfig {
  const result = v.safeParse(schema, config);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const path = v.getDotPath(issue);
  if (path === null) throw new GmnmError(`${source}: a config must be a JSON object, got ${issue.received}`);
  if (issue.expected === "never") {
    throw new GmnmError(
      `${source}: there is no setting ${JSON.stringify(path)}; there are ${Object.keys(schema.entries).join(", ")}`,
    );
  }
  const expected = issue.message.startsWith("Invalid") ? issue.expected : issue.message;
  throw new GmnmError(`${source}: ${path} must be ${expected}, got ${issue.received}`);
}
