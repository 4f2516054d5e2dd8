import { numpy as np } from "@jax-js/jax";
import * as v from "valibot";
import { GmnmError } from "../errors.ts";
import type { Layer } from "./layer.ts";
import { amount, checkOptions, count } from "./options.ts";
import { expectSeries } from "./series.ts";

/** Options of {@link partOfSeries}. */
export type PartOfSeriesOptions = {
  /** The columns that are kept, in this order, by their places. Default all. */
  columns?: readonly number[];
  /** How many of the last times are kept. Default all. */
  last?: number;
};

const schema = v.strictObject({
  columns: v.optional(v.pipe(v.array(amount, "a list of places"), v.minLength(1, "at least one place"))),
  last: v.optional(count),
});

/**
 * Some columns of a series, and of these the last times.
 *
 * Shapes: (batch, time, columns) → (batch, last, columns kept).
 *
 * @example
 * ```ts
 * const forecaster = sequential(partOfSeries({ columns: [6], last: 24 }), overTime(gmnm(24, 12)));
 * ```
 * @throws GmnmError for x of other axes, with too few columns or too few times.
 */
export function partOfSeries(options: PartOfSeriesOptions = {}): Layer<Record<string, never>> {
  const { columns, last } = checkOptions("partOfSeries", schema, options);
  const needed = Math.max(0, ...(columns ?? [])) + 1;
  return {
    config: { type: "partOfSeries", ...(columns && { columns }), ...(last && { last }) },
    init: () => ({}),
    apply(_, x) {
      expectSeries("partOfSeries", x);
      const [, time, width] = x.shape;
      if (width < needed || time < (last ?? 1)) {
        throw new GmnmError(
          `partOfSeries expected at least ${last ?? 1} times of ${needed} columns, got ${time} of ${width}`,
        );
      }
      const recent = last && last < time ? x.slice([], [time - last, time], []) : x; // (batch, last, columns)
      if (!columns || (columns.length === width && columns.every((column, i) => column === i))) return recent;
      const kept = columns.map((column) => recent.ref.slice([], [], [column, column + 1])); // (batch, last, 1) each
      recent.dispose();
      return kept.length === 1 ? kept[0] : np.concatenate(kept, 2);
    },
  };
}
