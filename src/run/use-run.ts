// What a run of a table can do: predict rows, be judged by them, be looked into.

import { GmnmError } from "../errors.ts";
import { Random } from "../random.ts";
import { type Decoded, decodeOutputs, encodeInputs, inputWarnings, readTable, targetRows } from "../table/index.ts";
import { type Tensor, takeRows } from "../tensor.ts";
import { knowsNovelty, novelty, predict } from "../train/index.ts";
import { readingOf } from "./config.ts";
import { type Inspection, inspectModel } from "./inspection.ts";
import { type Judged, judge, truthOf } from "./judge.ts";
import { isTableRun, loadRun, type TableRun } from "./load-run.ts";
import type { OnRead } from "./run-data.ts";

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
  const { model, preprocessing, folder, config } = run;
  if (withNovelty && !knowsNovelty(model)) {
    throw new GmnmError(
      `the run ${folder.path} cannot tell how new a row is: no mixture of its model sees the features`,
    );
  }
  const table = await readTable(file, { ...readingOf(config), onProgress: onRead });
  const x = encodeInputs(table, preprocessing);
  const outputs = await predict(model, x);
  const wrong = outputs.data.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) {
    const line = table.lines[Math.floor(wrong / outputs.shape[1])];
    throw new GmnmError(
      `${file}, line ${line}: its values are so far from all that was learnt from that there is no prediction`,
    );
  }
  const decoded = decodeOutputs(outputs, preprocessing.target);
  return {
    decoded,
    warnings: inputWarnings(table, preprocessing),
    ...(withNovelty && { novelty: novelty(model, x) }),
  };
}

/** Predictions for the rows of a file that have a target, beside the truth. */
export async function judgeFile(
  { model, preprocessing, config }: TableRun,
  file: string,
  { onRead }: { onRead?: OnRead } = {},
): Promise<{ judged: Judged; rows: number; withoutTarget: number }> {
  const table = await readTable(file, { ...readingOf(config), onProgress: onRead });
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
  const run = await loadRun(path);
  if (!isTableRun(run))
    throw new GmnmError(`the run ${path} forecasts a series; its columns have no Gaussians of their own to look at`);
  const { model, preprocessing } = run;
  const x = encodeInputs(await readTable(file, readingOf(run.config)), preprocessing);
  return inspectModel(model, preprocessing, someRows(x));
}

/** At most so many rows as a description needs, at random, the same every time. */
export const someRows = (x: Tensor): Tensor =>
  takeRows(x, new Random(0).permutation(x.shape[0]).subarray(0, INSPECTED_ROWS));
