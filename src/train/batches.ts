import { type Dataset, isDataset, range } from "../data/dataset.ts";
import { GmnmError } from "../errors.ts";
import type { Random } from "../random.ts";
import { type Tensors, takeRows } from "../tensor.ts";

export type { Tensors } from "../tensor.ts";

/** Rows at a time where the caller does not say: of a {@link Dataset}, and in every step of a long training. Our choice. */
export const BATCH_ROWS = 256;

/** Number of rows that the tensors of a data set share. */
export function rowsOf(data: Tensors | Dataset): number {
  const entries = isDataset(data) ? [] : Object.entries(data);
  const rows = isDataset(data) ? data.rows : (entries[0]?.[1].shape[0] ?? 0);
  for (const [name, { shape }] of entries) {
    if (shape[0] !== rows) throw new GmnmError(`${entries[0][0]} has ${rows} rows but ${name} has ${shape[0]}`);
  }
  if (!(rows > 0)) throw new GmnmError("there are no rows to train on");
  return rows;
}

/** The same rows of every tensor. */
export const selectRows = (data: Tensors, rows: ArrayLike<number>): Tensors =>
  Object.fromEntries(Object.entries(data).map(([name, t]) => [name, takeRows(t, rows)]));

/** Tensors as a data set. */
export const toDataset = (data: Tensors | Dataset): Dataset =>
  isDataset(data) ? data : { rows: rowsOf(data), take: (rows) => selectRows(data, rows) };

/** All rows at once, not augmented. */
export const allRows = (data: Tensors | Dataset): Tensors =>
  isDataset(data) ? data.take(range(0, rowsOf(data))) : data;

/** Throws when a tensor holds NaN or an infinity, naming the first; `rows` are the numbers its rows have in the whole data. */
export function expectFinite(data: Tensors, rows?: ArrayLike<number>): void {
  for (const [name, { data: values, shape }] of Object.entries(data)) {
    const at = values.findIndex((value) => !Number.isFinite(value));
    if (at < 0) continue;
    const width = values.length / shape[0];
    const row = Math.floor(at / width);
    throw new GmnmError(
      `${name} has ${values[at]} in row ${rows ? rows[row] : row}, column ${at % width} (counted from 0)`,
    );
  }
}

/**
 * The batches of one epoch, in random order and all of one size, because every new shape would be compiled anew. Rows that do not fill a
 * batch wait for the next epoch, which has another order. A data set also gets the random numbers, to augment its rows.
 */
export function* shuffledBatches(data: Tensors | Dataset, batchSize: number, random: Random): Generator<Tensors> {
  const dataset = toDataset(data);
  const order = random.permutation(dataset.rows);
  for (let i = 0; i + batchSize <= order.length; i += batchSize)
    yield dataset.take(order.subarray(i, i + batchSize), random);
}

/** Consecutive rows, up to `batchSize` at a time. */
export function* rowRanges(rows: number, batchSize: number): Generator<Uint32Array> {
  for (let from = 0; from < rows; from += batchSize) yield range(from, Math.min(rows, from + batchSize));
}
