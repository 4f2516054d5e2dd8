import type { Layer } from "./layer.ts";
import { expectSeries, lastValue } from "./series.ts";

/**
 * A series relative to its last value: x − x_T, so that a level the training data did not have is no other input. What follows sees how
 * the series moved, not where it stands; {@link aroundLastValue} also adds the level back. Shapes: (batch, time, columns) → the same.
 *
 * @example
 * ```ts
 * const shape = sequential(relativeToLastValue(), overTime(gmnm(24, 12)));
 * ```
 * @throws GmnmError for x of other axes.
 */
export function relativeToLastValue(): Layer<Record<string, never>> {
  return {
    config: { type: "relativeToLastValue" },
    init: () => ({}),
    apply(_, x) {
      expectSeries("relativeToLastValue", x);
      const last = lastValue(x.ref); // (batch, 1, columns)
      return x.sub(last);
    },
  };
}
