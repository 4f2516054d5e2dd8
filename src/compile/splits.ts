import type { Value } from "./graph.ts";
import { cutOf } from "./lower/movement.ts";

/** Pieces that a value is cut into from end to end along an axis, in order. */
export type Split = {
  readonly source: Value;
  readonly axis: number;
  readonly pieces: readonly Value[];
  /** The piece that comes first among the values. */
  readonly first: Value;
};

/**
 * Slices that are all of a value together, by each of them: one Split passes over memory once and is one operator. With another number of rows
 * they may not be all of it, so this is for fixed shapes.
 */
export function splitsAmong(values: readonly Value[]): Map<Value, Split> {
  const groups = Map.groupBy(
    values.filter((value) => cutOf(value)?.step === 1),
    (value) => `${cutOf(value)!.source.id} ${cutOf(value)!.axis}`,
  );
  const splits = new Map<Value, Split>();
  for (const slices of groups.values()) {
    const { source, axis } = cutOf(slices[0])!;
    const pieces = slices.toSorted((a, b) => cutOf(a)!.from - cutOf(b)!.from);
    const ends = pieces.map((piece) => cutOf(piece)!.from + piece.shape[axis]);
    const touch = pieces.every((piece, i) => cutOf(piece)!.from === (i === 0 ? 0 : ends[i - 1]));
    if (!touch || ends.at(-1) !== source.shape[axis]) continue;
    for (const piece of pieces) splits.set(piece, { source, axis, pieces, first: slices[0] });
  }
  return splits;
}
