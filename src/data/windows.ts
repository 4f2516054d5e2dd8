import * as v from "valibot";
import { GmnmError } from "../errors.ts";
import { checkOptions, count } from "../nn/options.ts";
import type { ExampleDataset } from "./dataset.ts";
import type { TimeSeries } from "./series.ts";

/** Options of {@link windows}. */
export type WindowOptions = {
  /** Rows a forecast is made from. */
  lookback: number;
  /** Rows it is made of. */
  horizon: number;
};

const schema = v.strictObject({ lookback: count, horizon: count });

/**
 * Every stretch of a series as an example: x (n, lookback, columns) and, right behind it, y (n, horizon, columns). Windows overlap, so they
 * are cut when a batch asks for them: 8,000 of them would take horizon × columns × 32 kB.
 *
 * @example
 * ```ts
 * const { train, test } = splitSeries(series, ettHourly, { lookback: 96 });
 * const { model } = await fit(forecaster, windows(train, { lookback: 96, horizon: 24 }));
 * const { mse } = await evaluate(model, windows(test, { lookback: 96, horizon: 24 }), { metrics: { mse: meanSquaredError } });
 * ```
 * @throws GmnmError when the series is shorter than one window.
 */
export function windows({ dates, columns, values }: TimeSeries, options: WindowOptions): ExampleDataset {
  const { lookback, horizon } = checkOptions("windows", schema, options);
  const rows = dates.length - lookback - horizon + 1;
  if (rows < 1) {
    throw new GmnmError(`a window of ${lookback} + ${horizon} rows does not fit into a series of ${dates.length}`);
  }
  const width = columns.length;
  const cut = (from: number, length: number, starts: ArrayLike<number>) => {
    const data = new Float32Array(starts.length * length * width);
    for (let i = 0; i < starts.length; i++) {
      const at = (starts[i] + from) * width;
      data.set(values.subarray(at, at + length * width), i * length * width);
    }
    return { data, shape: [starts.length, length, width] };
  };
  return { rows, take: (starts) => ({ x: cut(0, lookback, starts), y: cut(lookback, horizon, starts) }) };
}
