// How well the default forecaster does on series it was not tuned for one by one: `node bench/forecast-quality.ts [--data DIR] [--only WORD] [--budget SECONDS] [--nlinear]`.
// Errors are of rolling origins over the held-out end, in units of the target, relative to the better of the naive forecasts, and as MASE.
import { parseArgs } from "node:util";
import { evaluateForecast } from "../src/auto/forecast/evaluate.ts";
import type { ForecasterName } from "../src/auto/forecast/plan.ts";
import { columnOf, rowsOf, type Series } from "../src/auto/forecast/series.ts";
import { type ForecastFit, fitForecast } from "../src/auto/forecast.ts";
import { type Case, generatedCases, publicCases } from "./forecast-series.ts";

const { values: options } = parseArgs({
  options: {
    data: { type: "string", default: process.env.GMNM_DATA ?? "../shared/data" },
    only: { type: "string", default: "" },
    budget: { type: "string", default: "50" },
    nlinear: { type: "boolean", default: false },
    seed: { type: "string", default: "0" },
    verbose: { type: "boolean", default: false },
  },
});

const firstRows = (series: Series, rows: number): Series => ({
  ...series,
  dates: series.dates?.slice(0, rows),
  values: Array.prototype.slice.call(series.values, 0, rows * series.columns.length),
});

async function judge({ series, targets, held, horizon, lookback }: Case, model: ForecasterName) {
  const from = rowsOf(series) - held;
  const began = performance.now();
  const fitted = await fitForecast(firstRows(series, from), {
    targets,
    horizon,
    lookback,
    model,
    timeBudget: Number(options.budget),
    seed: Number(options.seed),
  });
  const seconds = (performance.now() - began) / 1000;
  return { fitted, seconds, errors: await evaluateForecast(fitted.model, fitted.preprocessing, series, { from }) };
}

/** MSE and MAE as the forecasting papers have them: over all windows, in units of each column's standard deviation over the first rows. */
async function standardized({ series, held, unitRows }: Case, { model, preprocessing }: ForecastFit): Promise<string> {
  const from = rowsOf(series) - held;
  const { targets } = await evaluateForecast(model, preprocessing, series, {
    from,
    maxOrigins: Number.POSITIVE_INFINITY,
  });
  const units = targets.map(({ name }) => {
    const values = columnOf(series, series.columns.indexOf(name)).subarray(0, unitRows);
    const center = mean(Array.from(values));
    return root(Array.from(values, (value) => value - center));
  });
  const mse = mean(targets.map(({ model: errors }, i) => (errors.rmse / units[i]) ** 2));
  const mae = mean(targets.map(({ model: errors }, i) => errors.mae / units[i]));
  return `MSE ${mse.toFixed(3)}, MAE ${mae.toFixed(3)}`;
}

const root = (numbers: number[]) => Math.sqrt(numbers.reduce((sum, n) => sum + n * n, 0) / numbers.length);
const mean = (numbers: number[]) => numbers.reduce((sum, n) => sum + n, 0) / numbers.length;

console.log(
  "| series | rows | lookback → horizon | season | ours RMSE | naive | seasonal naive | NLinear | ours / best naive | ours MASE | naive | seasonal naive | s | chosen |",
);
console.log("|---|---|---|---|---|---|---|---|---|---|---|---|---|---|");
for (const one of [...publicCases(options.data), ...generatedCases()]) {
  if (!one.name.includes(options.only)) continue;
  const { fitted, errors, seconds } = await judge(one, "gmnm");
  const nlinear = options.nlinear
    ? (await judge({ ...one, horizon: errors.horizon, lookback: fitted.plan.lookback }, "nlinear")).errors
    : undefined;
  // Columns differ in unit: relative to the naive forecast, they can be averaged.
  const unit = one.targets.length > 1 ? errors.targets.map(({ naive }) => naive.rmse) : [1];
  const rmse = (of: (t: (typeof errors.targets)[number]) => number | undefined) =>
    root(errors.targets.map((t, i) => (of(t) ?? Number.NaN) / unit[i]));
  const [ours, naive, seasonal] = [
    rmse((t) => t.model.rmse),
    rmse((t) => t.naive.rmse),
    rmse((t) => t.seasonalNaive?.rmse),
  ];
  const show = (x: number | undefined) => (x === undefined || Number.isNaN(x) ? "–" : x.toPrecision(3));
  const mase = (of: (t: (typeof errors.targets)[number]) => number | undefined) =>
    show(mean(errors.targets.map((t) => of(t) ?? Number.NaN)));
  const other = nlinear && root(nlinear.targets.map((t, i) => t.model.rmse / unit[i]));
  const { chosen, mixture } = fitted.validation;
  const cells = [
    one.name,
    rowsOf(one.series) - one.held,
    `${fitted.plan.lookback} → ${errors.horizon}`,
    fitted.plan.seasons.join(", ") || "–",
    show(ours),
    show(naive),
    show(seasonal),
    show(other),
    show(ours / Math.min(naive, Number.isNaN(seasonal) ? naive : seasonal)),
    mase((t) => t.model.mase),
    mase((t) => t.naive.mase),
    mase((t) => t.seasonalNaive?.mase),
    seconds.toFixed(0),
    `${chosen[0]?.forecasts
      .toSorted((a, b) => b[1] - a[1])
      .slice(0, 3)
      .map(([name, share]) => `${name} (${Math.round(100 * share)} %)`)
      .join(
        " + ",
      )}${mixture ? `; mixture ${mixture.numComponents} on ${mixture.lags} lags${mixture.relative ? ", relative" : ""}` : ""}`,
  ];
  console.log(`| ${cells.join(" | ")} |`);
  if (one.unitRows)
    console.log(`  in units of the first ${one.unitRows} rows' standard deviation: ${await standardized(one, fitted)}`);
}
