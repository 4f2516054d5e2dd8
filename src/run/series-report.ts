// The page that a forecast leaves for people.
import type { Forecast, ForecastEvaluation, Series, TargetErrors } from "../auto/index.ts";
import { lines } from "../plot/lines.ts";
import { htmlReport, type ReportSection } from "../plot/report.ts";
import type { SeriesPreprocessing } from "../table/preprocessing.ts";
import { version } from "../version.ts";
import type { RunConfig } from "./config.ts";
import { resultSection } from "./report.ts";
import type { Summary } from "./summary.ts";
import { shortName } from "./words.ts";

/** What the page is made of. */
export type SeriesReportContents = {
  config: RunConfig;
  summary: Summary;
  series: Series;
  preprocessing: SeriesPreprocessing;
  /** What comes after the end of the series. */
  next: Forecast;
  validation: ForecastEvaluation;
  test?: ForecastEvaluation;
};

/** The report as one HTML page. */
export function seriesReport(contents: SeriesReportContents): string {
  const { config, summary, validation, test, next, preprocessing } = contents;
  const { horizon, lookback, season } = preprocessing;
  const judged = test ?? validation;
  const sections: ReportSection[] = [
    {
      heading: "What comes next",
      text: `${horizon} steps after the end of the series, from its last ${lookback}.`,
      figures: next.columns.map((name, j) => ({
        svg: futureOf(contents, name, j),
        caption: `The end of the series, and what comes after it${next.dates ? `: ${next.dates[0]} to ${next.dates[horizon - 1]}` : ""}.`,
      })),
    },
    {
      ...resultSection(summary),
      text: `Forecasts of the end of the series by models that had not seen it, from ${judged.origins} moments, ${horizon} steps each. MASE is the mean error over that of the ${season ? `last season (${season} steps)` : "last value"} within what was learnt from: below 1 is better than that. Held out, the form was chosen by it: a little too good${test ? "; the test rows took no part in anything" : ""}.`,
    },
    {
      heading: "Error by step ahead",
      figures: judged.targets.map((target) => ({
        svg: errorsOf(target, horizon),
        caption: `Root mean squared error of ${target.name}${test ? ", test rows" : ", held out"}.`,
      })),
    },
    ...(summary.warnings.length > 0 ? [{ heading: "Worth knowing", text: summary.warnings.join("\n\n") }] : []),
  ];
  return htmlReport({
    title: `${summary.target.join(", ")} from ${shortName(config.file)}`,
    intro: summary.reason,
    sections,
    config: { ...config, plans: undefined },
    versions: { gmnm: version, node: process.versions.node },
  });
}

/** So many times the lookback are shown before the forecast, and at most so many steps. */
const [LOOKBACKS, MOST_STEPS] = [2, 400];

function futureOf({ series, next, preprocessing }: SeriesReportContents, name: string, target: number): string {
  const width = series.columns.length;
  const column = series.columns.indexOf(name);
  const rows = series.values.length / width;
  const from = Math.max(0, rows - Math.min(MOST_STEPS, LOOKBACKS * preprocessing.lookback));
  const past = Array.from({ length: rows - from }, (_, i) => series.values[(from + i) * width + column]);
  const future = Array.from({ length: preprocessing.horizon }, (_, h) => next.values[h * next.columns.length + target]);
  return lines(
    [
      { label: "truth", x: past.map((_, i) => i - past.length + 1), y: past },
      // From the last value on, so that the two lines meet.
      { label: "forecast", x: [0, ...future.map((_, h) => h + 1)], y: [past[past.length - 1], ...future] },
    ],
    { title: name, xLabel: "steps after the end", width: 720, height: 300 },
  );
}

function errorsOf({ name, model, naive, seasonalNaive }: TargetErrors, horizon: number): string {
  const x = Array.from({ length: horizon }, (_, h) => h + 1);
  return lines(
    [
      { label: "this model", x, y: model.rmsePerStep },
      { label: "last value", x, y: naive.rmsePerStep },
      ...(seasonalNaive ? [{ label: "last season", x, y: seasonalNaive.rmsePerStep }] : []),
    ],
    { title: name, xLabel: "steps ahead", yLabel: "RMSE" },
  );
}
