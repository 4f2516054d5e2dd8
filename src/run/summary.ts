// What came out of a run: the numbers that a person, a program and the report read.
import * as v from "valibot";
import { readChecked } from "./folder.ts";

const scores = v.record(v.string(), v.number());
const outcome = v.object({
  model: v.string(),
  parameters: v.number(),
  seconds: v.number(),
  /** On rows of the training table that the members that said it had not seen. */
  validation: scores,
  /** On the rows of --test. */
  test: v.optional(scores),
});

const schema = v.object({
  format: v.literal("gmnm summary"),
  version: v.literal(1),
  task: v.picklist(["regression", "classification", "forecast"]),
  target: v.array(v.string()),
  /** Of the table; learnt from; tested on. */
  rows: v.object({ read: v.number(), trained: v.number(), tested: v.number() }),
  features: v.number(),
  /** The model of the run. */
  chosen: outcome,
  /** One sentence on why. */
  reason: v.string(),
  /** What always says the mean, the most frequent class or the last season would have scored on the same rows. */
  baseline: v.object({ name: v.string(), validation: scores, test: v.optional(scores) }),
  /** The rivals of --compare. */
  rivals: v.array(outcome),
  /** The distance to the nearest Gaussian below which 99 % of the training rows lie. */
  novelty: v.optional(v.object({ reference: v.number() })),
  warnings: v.array(v.string()),
});

/** The contents of `summary.json`. */
export type Summary = v.InferOutput<typeof schema>;
/** A model's scores. */
export type Outcome = v.InferOutput<typeof outcome>;
/** Names of measures and their values, such as rmse, mae and r2, or accuracy and logLoss. */
export type Scores = Record<string, number>;

/** Reads `summary.json`. @throws GmnmError, one sentence that names the file, when it is not one. */
export const readSummary = (path: string): Promise<Summary> => readChecked(path, schema);
