import { GmnmError } from "../errors.ts";
import { type Scaler, standardScaler } from "./scaling.ts";
import { sliceSeries, type TimeSeries } from "./series.ts";

/** How many consecutive rows of a series are to train on, to choose by, and to test on. */
export type SplitSizes = { train: number; validation: number; test: number };

const MONTH = 30 * 24; // hours, as the Informer's code counts them

/** 12, 4 and 4 months of hours: ETTh1 and ETTh2. H. Zhou et al., arXiv:2012.07436. */
export const ettHourly: SplitSizes = { train: 12 * MONTH, validation: 4 * MONTH, test: 4 * MONTH };

/** 12, 4 and 4 months of quarters of an hour: ETTm1 and ETTm2. */
export const ettQuarterHourly: SplitSizes = { train: 48 * MONTH, validation: 16 * MONTH, test: 16 * MONTH };

/** 70 %, 10 % and 20 % of so many rows: the other series of the forecasting papers. Rounded as the code of arXiv:2205.13504 does. */
export function sevenOneTwo(rows: number): SplitSizes {
  const [train, test] = [Math.floor(rows * 0.7), Math.floor(rows * 0.2)];
  return { train, validation: rows - train - test, test };
}

/** Three parts of a series in its training part's scale, and the way back to its own. */
export type SeriesSplits = { train: TimeSeries; validation: TimeSeries; test: TimeSeries; scaler: Scaler };

/**
 * Cuts a series into consecutive parts and gives every column mean 0 and standard deviation 1 over the training part. Validation and test
 * begin `lookback` rows early, so that their first forecast is of their own first row; those rows are only looked at. This is the protocol
 * of the Informer (arXiv:2012.07436) and of LTSF-Linear (arXiv:2205.13504). Rows behind the last part are not used.
 *
 * @example
 * ```ts
 * const { train, test } = splitSeries(readSeries("data/ett/ETTh1.csv"), ettHourly, { lookback: 96 });
 * ```
 * @throws GmnmError when the series is shorter than its parts, or a part shorter than the lookback.
 */
export function splitSeries(series: TimeSeries, sizes: SplitSizes, { lookback }: { lookback: number }): SeriesSplits {
  const { train, validation, test } = sizes;
  const rows = series.dates.length;
  const needed = train + validation + test;
  if (needed > rows) throw new GmnmError(`the parts of the series need ${needed} rows, and it has ${rows}`);
  if (!(lookback <= train)) {
    throw new GmnmError(`a lookback of ${lookback} rows is longer than the training part of ${train}`);
  }
  const columns = series.columns.length;
  const scaler = standardScaler({ data: series.values.subarray(0, train * columns), shape: [train, columns] });
  const { data } = scaler.apply({ data: series.values, shape: [rows, columns] });
  const scaled = { ...series, values: data };
  return {
    train: sliceSeries(scaled, 0, train),
    validation: sliceSeries(scaled, train - lookback, train + validation),
    test: sliceSeries(scaled, train + validation - lookback, needed),
    scaler,
  };
}
