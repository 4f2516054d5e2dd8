// What knows nothing of the features: the mean of numbers, the frequencies of classes. Whatever is trained must be better than this on rows
// that it has not seen, or it is of no use.
import type { Model } from "../model.ts";
import { linear } from "../nn/linear.ts";
import { type Tensor, zeros } from "../tensor.ts";
import type { TableTask } from "./types.ts";

/**
 * What to say of every row: the mean of the targets, or the logits of the classes' frequencies, each class counted once more.
 *
 * @param y targets (rows, outputs).
 * @param without rows that are not looked at.
 * @returns (outputs)
 */
export function constantOf(task: TableTask, { data, shape: [rows, outputs] }: Tensor, without?: Uint32Array): Tensor {
  const sums = new Float64Array(outputs);
  for (let i = 0; i < data.length; i++) sums[i % outputs] += data[i];
  for (const row of without ?? []) for (let o = 0; o < outputs; o++) sums[o] -= data[row * outputs + o];
  const count = rows - (without?.length ?? 0);
  const say = (sum: number) => (task === "regression" ? sum / count : Math.log((sum + 1) / (count + outputs)));
  return { data: Float32Array.from(sums, say), shape: [outputs] };
}

/**
 * The constant of all other rows, for rows that were held out; where a row was held out several times, the mean.
 *
 * @param folds the rows of each fold that was held out.
 * @param rows rows that are in one of them, at least.
 * @returns (rows.length, outputs)
 */
export function outOfFoldConstant(
  task: TableTask,
  y: Tensor,
  folds: readonly Uint32Array[],
  rows: Uint32Array,
): Tensor {
  const outputs = y.shape[1];
  const place = new Map([...rows].map((row, i) => [row, i]));
  const sums = new Float64Array(rows.length * outputs);
  const counts = new Uint32Array(rows.length);
  for (const fold of folds) {
    const { data } = constantOf(task, y, fold);
    for (const row of fold) {
      const i = place.get(row);
      if (i === undefined) continue;
      counts[i]++;
      for (let o = 0; o < outputs; o++) sums[i * outputs + o] += data[o];
    }
  }
  return {
    data: Float32Array.from(sums, (sum, i) => sum / counts[Math.floor(i / outputs)]),
    shape: [rows.length, outputs],
  };
}

/** The constant as a model: a linear layer without slopes. */
export function constantModel(task: TableTask, features: number, y: Tensor): Model {
  const outputs = y.shape[1];
  return {
    layer: linear(features, outputs),
    params: { weights: zeros([features, outputs]), bias: constantOf(task, y) },
  };
}
