import { GmnmError } from "../errors.ts";
import type { Random } from "../random.ts";
import type { Tensor, Tensors } from "../tensor.ts";

/**
 * Rows that are made when a batch asks for them, for data that would not fit into memory as floats: images kept as bytes, windows cut from
 * a series. `take` gives the rows with the given indices, (rows.length, …) each, the same for the same indices; training hands it random
 * numbers, and then it may augment them.
 *
 * @example
 * ```ts
 * const squares: Dataset = {
 *   rows: 1000,
 *   take: (rows) => ({ x: tensor(rows, [rows.length, 1]), y: tensor(Array.from(rows, (i) => i * i), [rows.length, 1]) }),
 * };
 * await fit(model, squares, { batchSize: 64 });
 * ```
 */
export interface Dataset<T extends Tensors = Tensors> {
  readonly rows: number;
  take(rows: ArrayLike<number>, random?: Random): T;
}

/** Inputs and targets, row by row, made batch by batch. */
export type ExampleDataset = Dataset<{ x: Tensor; y: Tensor }>;

/** True for a data set, false for the tensors or examples that may stand in its place. */
export const isDataset = <T extends object>(data: T): data is Extract<T, Dataset> =>
  "take" in data && typeof data.take === "function";

/**
 * The given rows of a data set as a data set: a share of it, or another order.
 *
 * @throws GmnmError for rows that are not there.
 */
export function subset<T extends Tensors>(data: Dataset<T>, rows: ArrayLike<number>): Dataset<T> {
  const chosen = Uint32Array.from(rows);
  const stranger = chosen.find((row, i) => row >= data.rows || row !== rows[i]);
  if (stranger !== undefined) throw new GmnmError(`there is no row ${stranger} in a data set of ${data.rows} rows`);
  return {
    rows: chosen.length,
    take: (wanted, random) =>
      data.take(
        Uint32Array.from(wanted, (i) => chosen[i]),
        random,
      ),
  };
}

/** The whole numbers from `from` up to but not including `to`. */
export const range = (from: number, to: number): Uint32Array =>
  Uint32Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);
