// What a run was asked to do: everything it takes to do it again.
import * as v from "valibot";
import { checkPlan, type ForecastPlan, type Plan } from "../auto/index.ts";
import { checkJson } from "../check-json.ts";
import type { TableOptions } from "../table/index.ts";

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
  /** Whether the first line names the columns; "auto" finds out. */
  header: v.optional(v.picklist(["auto", "yes", "no"]), "auto"),
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

/** How a run's tables are read. */
export const readingOf = ({ header }: Pick<RunConfig, "header">): TableOptions => ({
  header: header === "auto" ? header : header === "yes",
});

/** What a run was asked to do, every default resolved. */
export type RunConfig = Omit<v.InferOutput<typeof schema>, "plans"> & { plans?: Record<string, Plan | ForecastPlan> };

/**
 * Checks a config, whoever wrote it, and fills in the defaults.
 *
 * @param source - the name of the file it came from, for messages.
 * @throws GmnmError, one sentence that names the setting.
 */
export function checkConfig(json: unknown, source: string): RunConfig {
  const { plans, ...config } = checkJson(schema, json, source);
  if (plans === undefined) return config;
  const checked = Object.entries(plans).map(([model, plan]) => [
    model,
    checkPlan(plan, `${source}, the plan for ${model}`),
  ]);
  return { ...config, plans: Object.fromEntries(checked) };
}
