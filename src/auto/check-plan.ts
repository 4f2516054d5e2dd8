// A plan may come from a file. Nothing is trained, and no memory taken, on its word.
import * as v from "valibot";
import { checkJson } from "../check-json.ts";
import { reasonOf } from "../errors.ts";
import { declaredSize } from "../io/declared-size.ts";
import { amount, count, positive } from "../nn/options.ts";
import { fromConfig } from "../nn/registry.ts";
import { modelNames } from "./candidates.ts";
import { type ForecastPlan, forecasterNames } from "./forecast/plan.ts";
import type { Plan } from "./plan.ts";

/** More than any plan asks for; our choice. */
const MOST = { folds: 255, repeats: 100, candidates: 100, epochs: 1e7, rows: 1e9, numbers: 1e7, steps: 1e6 };

const upTo = (most: number) => v.pipe(count, v.maxValue(most, `a whole number of at most ${most}`));
const notNegative = v.pipe(v.number(), v.finite(), v.minValue(0, "a number of at least 0"));

/** The description of a layer: its options are checked before its size is made of them. */
const layer = v.pipe(
  v.looseObject({ type: v.string() }),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    try {
      if (declaredSize(fromConfig(dataset.value).config) <= MOST.numbers) return;
      addIssue({ message: `a layer of at most ${MOST.numbers} numbers` });
    } catch (cause) {
      addIssue({ message: `the description of a layer (${reasonOf(cause)})` });
    }
  }),
);

const candidate = v.strictObject({
  name: v.string(),
  config: layer,
  parameters: count,
  learningRate: positive,
  weightDecay: notNegative,
  decayProjections: v.optional(v.boolean()),
});

const tablePlan = v.pipe(
  v.strictObject({
    version: v.literal(1),
    task: v.picklist(["regression", "classification"]),
    model: v.picklist(modelNames),
    seed: v.pipe(v.number(), v.safeInteger()),
    rows: upTo(MOST.rows),
    folds: v.pipe(upTo(MOST.folds), v.minValue(2)),
    repeats: upTo(MOST.repeats),
    batchSize: v.nullable(upTo(MOST.rows)),
    epochs: upTo(MOST.epochs),
    trainingRows: upTo(MOST.rows),
    heldOutRows: upTo(MOST.rows),
    candidates: v.pipe(v.array(candidate), v.minLength(1), v.maxLength(MOST.candidates)),
    variants: v.pipe(v.array(v.pipe(v.array(candidate), v.maxLength(MOST.candidates))), v.maxLength(MOST.candidates)),
    searchFolds: amount,
    finalists: amount,
    linear: candidate,
    timeBudget: v.optional(notNegative),
    expectedSeconds: v.optional(notNegative),
    cut: v.optional(v.array(v.string())),
  }),
  v.check(
    ({ candidates, variants }) => variants.length === candidates.length,
    "a plan with variants for every candidate",
  ),
);

const forecastPlan = v.strictObject({
  kind: v.literal("forecast"),
  version: v.literal(1),
  model: v.picklist(forecasterNames),
  rows: upTo(MOST.rows),
  lookback: upTo(MOST.rows),
  horizon: upTo(MOST.rows),
  seasons: v.array(count),
  folds: upTo(MOST.folds),
  ridges: v.pipe(v.array(positive), v.minLength(1)),
  iterated: v.boolean(),
  training: v.strictObject({
    steps: v.pipe(amount, v.maxValue(MOST.steps)),
    members: v.pipe(amount, v.maxValue(MOST.candidates)),
  }),
});

/**
 * The plan of `fitTable` or `fitForecast` that parsed JSON describes, whoever wrote it.
 *
 * @param source what it is called in messages.
 * @throws GmnmError, one sentence that names the place.
 */
export function checkPlan(json: unknown, source: string): Plan | ForecastPlan {
  const isForecast = (json as { kind?: unknown } | null)?.kind === "forecast";
  return isForecast ? checkJson(forecastPlan, json, source) : (checkJson(tablePlan, json, source) as Plan);
}
