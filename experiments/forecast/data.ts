import { existsSync } from "node:fs";
import { join } from "node:path";
import { generatedSeries } from "../../src/data/generated-series.ts";
import {
  ettHourly,
  readSeries,
  type SeriesSplits,
  sevenOneTwo,
  splitSeries,
  type TimeSeries,
} from "../../src/data/index.ts";
import { remember } from "../shared/remember.ts";

const fileIn = (data: string): string => join(data, "ett", "ETTh1.csv");
/** Rows of the series that stands in where there is no file: enough for the longest window in each part. */
const GENERATED_ROWS = 8000;

/** True when ETTh1 lies in a data folder. */
export const hasSeries = (data: string | undefined): data is string => data !== undefined && existsSync(fileIn(data));

/** What the tasks are called after. */
export const seriesName = (data: string | undefined): string => (hasSeries(data) ? "ETTh1" : "generated");

/** Train, validation and test parts in the training part's scale: ETTh1 in 12, 4 and 4 months, the generated series in 70, 10 and 20 %. */
export const readSplits = remember((data: string | undefined, lookback: number): SeriesSplits => {
  if (hasSeries(data)) return splitSeries(readSeries(fileIn(data)), ettHourly, { lookback });
  const series: TimeSeries = generatedSeries({ rows: GENERATED_ROWS, seed: 1 });
  return splitSeries(series, sevenOneTwo(GENERATED_ROWS), { lookback });
});
