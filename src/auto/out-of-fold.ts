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
  const rows = Uint32Array.from(new Set(members.flatMap(({ rows }) => [...rows]))).sort();
  const target = takeRows(y, rows);
  const tried = Array.from({ length: count }, (_, s) => {
    const prediction = meanPrediction(members, s, rows);
    return { rows, prediction, score: lossOf(task, prediction, target) };
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

/** The mean of what members said, at one snapshot, of the rows that they held out. */
function meanPrediction(members: readonly Member[], snapshot: number, rows: Uint32Array): Tensor {
  const width = members[0].result.predictions[snapshot].shape[1];
  const sums = new Float64Array(rows.length * width);
  const counts = new Uint32Array(rows.length);
  const place = new Uint32Array((rows.at(-1) ?? 0) + 1);
  for (const [i, row] of rows.entries()) place[row] = i;
  for (const { rows: own, result } of members) {
    const { data } = result.predictions[snapshot];
    for (const [i, row] of own.entries()) {
      counts[place[row]]++;
      for (let o = 0; o < width; o++) sums[place[row] * width + o] += data[i * width + o];
    }
  }
  const data = Float32Array.from(sums, (sum, i) => sum / counts[Math.floor(i / width)]);
  return { data, shape: [rows.length, width] };
}
