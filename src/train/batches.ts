import { GmnmError } from "../errors.ts";
import type { Random } from "../random.ts";
import { type Tensor, takeRows } from "../tensor.ts";

/** Tensors that belong together, such as x and y. */
export type Tensors = Record<string, Tensor>;

/** Number of rows that the tensors of a data set share. */
export function rowsOf(data: Tensors): number {
  const entries = Object.entries(data);
  const rows = entries[0]?.[1].shape[0] ?? 0;
  for (const [name, { shape }] of entries) {
    if (shape[0] !== rows) throw new GmnmError(`${entries[0][0]} has ${rows} rows but ${name} has ${shape[0]}`);
  }
  if (rows === 0) throw new GmnmError("there are no rows to train on");
  return rows;
}

/** The same rows of every tensor. */
export const selectRows = (data: Tensors, rows: ArrayLike<number>): Tensors =>
  Object.fromEntries(Object.entries(data).map(([name, t]) => [name, takeRows(t, rows)]));

/** Throws when a tensor holds NaN or an infinity, naming the first. */
export function expectFinite(data: Tensors): void {
  for (const [name, { data: values, shape }] of Object.entries(data)) {
    const at = values.findIndex((value) => !Number.isFinite(value));
    if (at < 0) continue;
    const width = values.length / shape[0];
    throw new GmnmError(
      `${name} has ${values[at]} in row ${Math.floor(at / width)}, column ${at % width} (counted from 0)`,
    );
  }
}

/**
 * The batches of one epoch, in random order and all of one size, because every new shape would be compiled anew. Rows that do not fill a
 * batch wait for the next epoch, which has another order.
 */
export function* shuffledBatches(data: Tensors, batchSize: number, random: Random): Generator<Tensors> {
  const order = random.permutation(rowsOf(data));
  for (let i = 0; i + batchSize <= order.length; i += batchSize)
    yield selectRows(data, order.subarray(i, i + batchSize));
}
