// What a run that has ended can do: predict, be judged, be looked into.

import { GmnmError } from "../errors.ts";
import { load } from "../io/index.ts";
import type { Model } from "../model.ts";
import { Random } from "../random.ts";
import {
  checkPreprocessing,
  type Decoded,
  decodeOutputs,
  encodeInputs,
  inputWarnings,
  type Preprocessing,
  readTable,
  targetRows,
} from "../table/index.ts";
import { type Tensor, takeRows } from "../tensor.ts";
import { knowsNovelty, novelty, predict } from "../train/index.ts";
import type { RunConfig } from "./config.ts";
import { openFinishedRun, type RunFolder } from "./folder.ts";
import { type Inspection, inspectModel } from "./inspection.ts";
import { type Judged, judge, truthOf } from "./judge.ts";
import type { OnRead } from "./run-data.ts";
import { readSummary, type Summary } from "./summary.ts";

/** A run of a table, loaded and checked. */
export type TableRun = {
  folder: RunFolder;
  config: RunConfig;
  summary: Summary;
  model: Model;
  preprocessing: Preprocessing;
};

/** Loads a run of a table. @throws GmnmError, one sentence that names the file at fault. */
export async function loadRun(path: string): Promise<TableRun> {
  const { folder, config } = await openFinishedRun(path);
  const summary = await readSummary(folder.file("summary"));
  const file = folder.file("preprocessing");
  const preprocessing = checkPreprocessing(await folder.read("preprocessing"), file);
  const model = await load(folder.file("model"));
  return { folder, config, summary, model, preprocessing };
}

/** Predictions for every row of a file, in its order. */
export type RunPrediction = {
  decoded: Decoded;
  /** Distance to the nearest Gaussian in its own widths, see {@link novelty}. */
  novelty?: Float64Array;
  /** What in the file is unlike the training. */
  warnings: string[];
};

/** Predicts the rows of a CSV file. @throws GmnmError that names file, line and column at fault. */
export async function predictFile(
  run: TableRun,
  file: string,
  { withNovelty = false, onRead }: { withNovelty?: boolean; onRead?: OnRead } = {},
): Promise<RunPrediction> {
  const { model, preprocessing, folder } = run;
  if (withNovelty && !knowsNovelty(model)) {
    throw new GmnmError(
      `the run ${folder.path} cannot tell how new a row is: no mixture of its model sees the features`,
    );
  }
  const table = await readTable(file, { onProgress: onRead });
  const x = encodeInputs(table, preprocessing);
  const decoded = decodeOutputs(await predict(model, x), preprocessing.target);
  return {
    decoded,
    warnings: inputWarnings(table, preprocessing),
    ...(withNovelty && { novelty: novelty(model, x) }),
  };
}

/** Predictions for the rows of a file that have a target, beside the truth. */
export async function judgeFile(
  { model, preprocessing }: TableRun,
  file: string,
  { onRead }: { onRead?: OnRead } = {},
): Promise<{ judged: Judged; rows: number; withoutTarget: number }> {
  const table = await readTable(file, { onProgress: onRead });
  const rows = targetRows(table, preprocessing.target);
  if (rows.length === 0) {
    throw new GmnmError(`${file}: no row has a target to compare a prediction with`);
  }
  const outputs = await predict(model, encodeInputs(table, preprocessing, rows));
  const judged = judge(outputs, truthOf(table, preprocessing.target, rows), preprocessing.target);
  return { judged, rows: rows.length, withoutTarget: table.rows - rows.length };
}

/** Rows that a description of the model looks at. */
const INSPECTED_ROWS = 2000;

/** What a run's model is made of, measured on the rows of a file. */
export async function inspectRun(path: string, file: string): Promise<Inspection> {
  const { model, preprocessing } = await loadRun(path);
  const x = encodeInputs(await readTable(file), preprocessing);
  return inspectModel(model, preprocessing, someRows(x));
}

/** At most so many rows as a description needs, at random, the same every time. */
export const someRows = (x: Tensor): Tensor =>
  takeRows(x, new Random(0).permutation(x.shape[0]).subarray(0, INSPECTED_ROWS));
