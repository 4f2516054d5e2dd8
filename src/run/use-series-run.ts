// What a run of a series can do: say what comes next, and be judged by what came.
import { evaluateForecast, type ForecastEvaluation, forecastNext } from "../auto/index.ts";
import type { OutputColumn } from "../table/index.ts";
import type { SeriesRun } from "./load-run.ts";
import { readSeriesFor } from "./series-data.ts";

/** What comes after the end of the series in a file: a column of dates, where it has them, or of steps, and one for every target. */
export async function forecastAfter(
  run: SeriesRun,
  file: string,
): Promise<{ columns: OutputColumn[]; warnings: string[] }> {
  const { model, preprocessing } = run;
  const { series, warnings } = await readSeriesFor(file, run);
  const next = await forecastNext(model, preprocessing, series);
  const { horizon } = preprocessing;
  const steps = Array.from({ length: horizon }, (_, h) => h + 1);
  const when = next.dates
    ? { name: preprocessing.time ?? "date", values: next.dates }
    : { name: "step", values: steps };
  const width = next.columns.length;
  const columns = next.columns.map((name, j) => ({ name, values: steps.map((_, h) => next.values[h * width + j]) }));
  return { columns: [when, ...columns], warnings };
}

/** Forecasts from every moment of a file beside what came, and beside the naive forecasts. */
export async function judgeSeries(run: SeriesRun, file: string): Promise<ForecastEvaluation> {
  const { series } = await readSeriesFor(file, run);
  return evaluateForecast(run.model, run.preprocessing, series);
}
