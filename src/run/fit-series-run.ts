// From a series to everything that a run holds.
import { join } from "node:path";
import {
  evaluateForecast,
  type ForecastEvaluation,
  type ForecasterName,
  type ForecastFit,
  type ForecastPlan,
  type ForecastProgress,
  fitForecast,
  folderStore,
  forecastNext,
} from "../auto/index.ts";
import { exportOnnx, save, writeAtomic } from "../io/index.ts";
import { countParameters } from "../params.ts";
import type { RunConfig } from "./config.ts";
import type { RunFolder } from "./folder.ts";
import { architectureOf } from "./inspection.ts";
import { beginOf, type SeriesData } from "./series-data.ts";
import { seriesReport } from "./series-report.ts";
import type { Outcome, Scores, Summary } from "./summary.ts";

/** Rivals of `--compare` for series. */
const RIVALS: readonly ForecasterName[] = ["nlinear", "dlinear", "lstm"];

/** Trains the forecaster that a config asks for and fills the run's folder; the summary is written last. */
export async function fitSeriesRun(
  folder: RunFolder,
  config: RunConfig,
  data: SeriesData,
  { onProgress = () => {} }: { onProgress?: (progress: ForecastProgress & { model: string }) => void } = {},
): Promise<Summary> {
  const { series, targets, rows } = data;
  const length = series.values.length / series.columns.length;
  const learnt = beginOf(series, length - rows.tested);
  const names = [config.model, ...(config.compare ? RIVALS.filter((name) => name !== config.model) : [])];
  const trained: { outcome: Outcome; fit: ForecastFit; test?: ForecastEvaluation }[] = [];
  for (const model of names) {
    const began = performance.now();
    const { horizon, lookback, seed, timeBudget } = config;
    const fit = await fitForecast(learnt, {
      targets,
      horizon,
      lookback,
      seed,
      timeBudget,
      model: model as ForecasterName,
      store: folderStore(join(folder.file("state"), model)),
      plan: config.plans?.[model] as ForecastPlan | undefined,
      onProgress: (progress) => onProgress({ ...progress, model }),
    });
    const test =
      rows.tested > 0
        ? await evaluateForecast(fit.model, fit.preprocessing, series, { from: length - rows.tested })
        : undefined;
    const outcome: Outcome = {
      model,
      parameters: countParameters(fit.model.params),
      seconds: (performance.now() - began) / 1000,
      validation: forecastScores(fit.validation),
      ...(test && { test: forecastScores(test) }),
    };
    trained.push({ outcome, fit, test });
  }
  const [{ outcome, fit, test }, ...rivals] = trained;
  const preprocessing = { ...fit.preprocessing, ...(data.time !== undefined && { time: data.time }) };
  const summary: Summary = {
    format: "gmnm summary",
    version: 1,
    task: "forecast",
    target: targets,
    rows: { read: rows.read, trained: length - rows.tested, tested: rows.tested },
    features: series.columns.length,
    chosen: outcome,
    reason: reasonOf(fit),
    baseline: {
      name: fit.validation.season === undefined ? "the last value again" : "the last season again",
      validation: naiveScores(fit.validation),
      ...(test && { test: naiveScores(test) }),
    },
    rivals: rivals.map((rival) => rival.outcome),
    warnings: data.warnings,
  };
  await folder.write("preprocessing", preprocessing);
  await save(fit.model, folder.file("model"));
  await exportOnnx(fit.model, folder.file("onnx"), {
    example: { shape: [1, preprocessing.lookback, series.columns.length] },
  });
  await folder.write("inspection", {
    architecture: architectureOf(fit.model.layer.config),
    parameters: outcome.parameters,
    rows: length,
    influences: [],
    components: [],
  });
  const events = trained.map((one) => ({
    event: "result",
    ...one.outcome,
    validation: one.fit.validation,
    test: one.test,
  }));
  await writeAtomic(folder.file("metrics"), events.map((event) => `${JSON.stringify(event)}\n`).join(""));
  const next = await forecastNext(fit.model, preprocessing, series);
  await writeAtomic(
    folder.file("report"),
    seriesReport({ config, summary, series, next, validation: fit.validation, test, preprocessing }),
  );
  const plans = Object.fromEntries(trained.map((one) => [one.outcome.model, one.fit.plan]));
  await folder.write("config", { ...config, plans });
  await folder.write("summary", summary);
  await folder.clearState();
  return summary;
}

const forecastScores = ({ rmse, mae, mase }: ForecastEvaluation): Scores => finite({ rmse, mae, mase });

/** The same of the seasonal naive forecast, or the naive one where there is no season. */
export function naiveScores({ targets }: ForecastEvaluation): Scores {
  const naive = targets.map((target) => target.seasonalNaive ?? target.naive);
  const mean = (of: (errors: (typeof naive)[number]) => number) =>
    naive.reduce((sum, errors) => sum + of(errors), 0) / naive.length;
  return finite({
    rmse: Math.sqrt(mean(({ rmse }) => rmse ** 2)),
    mae: mean(({ mae }) => mae),
    mase: mean(({ mase }) => mase),
  });
}

/** JSON has no NaN: a score that cannot be told is left out. */
const finite = (scores: Scores): Scores =>
  Object.fromEntries(Object.entries(scores).filter(([, value]) => Number.isFinite(value)));

function reasonOf({ validation, preprocessing }: ForecastFit): string {
  const { chosen, mixture } = validation;
  const blends = chosen.map(({ target, forecasts }) => {
    const shown = forecasts.toSorted((a, b) => b[1] - a[1]).slice(0, 3);
    const parts = shown.map(([name, share]) => `${Math.round(100 * share)} % ${name}`);
    if (forecasts.length > shown.length) parts.push(`and ${forecasts.length - shown.length} more`);
    return chosen.length > 1 ? `${target}: ${parts.join(", ")}` : parts.join(", ");
  });
  const beside = mixture ? ", and a mixture of Gaussians beside them" : ", with no mixture, for none made it better";
  return `${preprocessing.horizon} steps from ${preprocessing.lookback}: ${blends.join("; ")}${beside}.`;
}
