// What the members of one candidate say, each about the rows that it was not trained on.

import type { ParamTensors } from "../params.ts";
import { type Tensor, takeRows } from "../tensor.ts";
import { lossOf } from "./scores.ts";
import type { TableTask } from "./types.ts";
import type { UnitResult } from "./unit.ts";

/** A unit that ended well, and the rows it held out. */
export type Member = { rows: Uint32Array; result: UnitResult };

/** The members of a candidate at the snapshot that is best for them together. */
export type OutOfFold = {
  /** Which snapshot, and after how many epochs it was taken. */
  snapshot: number;
  epoch: number;
  /** Rows that some member held out, and the mean of what members said of each: (rows.length, outputs). */
  rows: Uint32Array;
  prediction: Tensor;
  /** RMSE or log loss over these rows. */
  score: number;
  params: ParamTensors[];
  /** The score at every snapshot. */
  curve: { epoch: number; loss: number; score: number }[];
};

/**
 * Chooses one snapshot for all members, by their score on what each held out: to let each member stop at its own best would make it look
 * better than it is, most of all on few rows. Our choice.
 */
export function outOfFold(task: TableTask, members: readonly Member[], y: Tensor): OutOfFold {
  const count = Math.min(...members.map(({ result }) => result.predictions.length));
  const tried = Array.from({ length: count }, (_, s) => {
    const { rows, prediction } = gather(members, s);
    return { rows, prediction, score: lossOf(task, prediction, takeRows(y, rows)) };
  });
  const scores = tried.map(({ score }) => (Number.isFinite(score) ? score : Infinity));
  const snapshot = scores.indexOf(Math.min(...scores));
  const epochs = members[0].result.epochs;
  return {
    ...tried[snapshot],
    snapshot,
    epoch: epochs[snapshot],
    params: members.map(({ result }) => result.params[snapshot]),
    curve: scores.map((score, s) => ({
      epoch: epochs[s],
      loss: members.reduce((sum, { result }) => sum + result.losses[s] / members.length, 0),
      score,
    })),
  };
}

/** The mean prediction of every row that was held out at least once, at one snapshot. */
function gather(members: readonly Member[], snapshot: number): { rows: Uint32Array; prediction: Tensor } {
  const sums = new Map<number, { count: number; sum: Float64Array }>();
  for (const { rows, result } of members) {
    const { data, shape } = result.predictions[snapshot];
    const width = shape[1];
    for (let i = 0; i < rows.length; i++) {
      const entry = sums.get(rows[i]) ?? { count: 0, sum: new Float64Array(width) };
      entry.count++;
      for (let o = 0; o < width; o++) entry.sum[o] += data[i * width + o];
      sums.set(rows[i], entry);
    }
  }
  const rows = Uint32Array.from(sums.keys()).sort();
  const width = members[0].result.predictions[snapshot].shape[1];
  const data = new Float32Array(rows.length * width);
  for (const [i, row] of rows.entries()) {
    const { count, sum } = sums.get(row)!;
    for (let o = 0; o < width; o++) data[i * width + o] = sum[o] / count;
  }
  return { rows, prediction: { data, shape: [rows.length, width] } };
}
