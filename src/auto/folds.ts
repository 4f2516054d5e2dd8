import { GmnmError } from "../errors.ts";
import { Random } from "../random.ts";
import type { Tensor } from "../tensor.ts";

/** How rows are divided for cross-validation. */
export type FoldOptions = {
  /** Number of folds. */
  folds: number;
  /** How often all rows are divided anew. Default 1. */
  repeats?: number;
  seed: number;
};

/**
 * Rows divided into folds, each row into one fold of every repeat: neighbours in the order of the target go to different folds, so that
 * every fold sees the whole range of a number, and its share of every class. Our choice.
 *
 * @param y targets (rows, outputs); with several outputs, one-hot or not, rows are ordered by the first column, then the second …
 * @returns for each repeat the fold of each row.
 * @example
 * ```ts
 * const [first] = foldsOf(y, { folds: 5, seed: 0 });
 * const heldOut = rowsIn(first, 2);
 * ```
 * @throws GmnmError for fewer than two folds, or more folds than rows.
 */
export function foldsOf(y: Tensor, { folds, repeats = 1, seed }: FoldOptions): Uint8Array[] {
  const [rows, outputs] = y.shape;
  if (!(Number.isSafeInteger(folds) && folds >= 2 && folds <= Math.min(rows, 255))) {
    throw new GmnmError(`folds must be a whole number from 2 to the ${rows} rows there are and to 255, got ${folds}`);
  }
  const random = new Random(seed);
  return Array.from({ length: repeats }, () => {
    const shuffled = random.permutation(rows); // the order of rows that are alike
    const order = shuffled.toSorted((a, b) => {
      for (let o = 0; o < outputs; o++) {
        const difference = y.data[a * outputs + o] - y.data[b * outputs + o];
        if (difference !== 0) return difference;
      }
      return 0;
    });
    const foldOf = new Uint8Array(rows);
    for (let from = 0; from < rows; from += folds) {
      const places = random.permutation(folds);
      for (let i = from; i < Math.min(rows, from + folds); i++) foldOf[order[i]] = places[i - from];
    }
    return foldOf;
  });
}

/** The rows of a fold, or with `others` those of all other folds. */
export function rowsIn(foldOf: Uint8Array, fold: number, { others = false } = {}): Uint32Array {
  const wanted = (i: number) => (foldOf[i] === fold) !== others;
  let count = 0;
  for (let i = 0; i < foldOf.length; i++) if (wanted(i)) count++;
  const rows = new Uint32Array(count);
  for (let i = foldOf.length - 1; i >= 0; i--) if (wanted(i)) rows[--count] = i;
  return rows;
}
