// Series that the tests of forecasts share.
import { type ForecastPlan, makePlan } from "../../../src/auto/forecast/plan.ts";
import type { Series } from "../../../src/auto/forecast/series.ts";
import { type ForecastFit, fitForecast } from "../../../src/auto/forecast.ts";
import { encodeModel } from "../../../src/io/model-file.ts";
import { Random } from "../../../src/random.ts";

export const months = (rows: number) =>
  Array.from({ length: rows }, (_, i) => `${1990 + Math.floor(i / 12)}-${String((i % 12) + 1).padStart(2, "0")}`);

/** Months with a season, a trend and noise. */
export function seasonal(rows: number, seed = 1): Series {
  const random = new Random(seed);
  const y = Array.from(
    { length: rows },
    (_, t) => 50 + 0.2 * t + 9 * Math.sin((2 * Math.PI * t) / 12) + random.gaussian(),
  );
  return { source: "sales.csv", columns: ["y"], values: y, dates: months(rows) };
}

/** A logistic map: nothing linear forecasts it, and a mixture does. */
export function chaotic(rows: number): Series {
  const values = [0.3];
  while (values.length < rows) values.push(3.8 * values.at(-1)! * (1 - values.at(-1)!));
  return { columns: ["other", "x"], values: values.flatMap((x, i) => [i % 7, x]) };
}

export const chaoticPlan: ForecastPlan = {
  ...makePlan(chaotic(200), { targets: [1], horizon: 2, lookback: 4, timeBudget: 1 }),
  seasons: [],
  folds: 1,
  training: { steps: 150, members: 2 },
};
export const fitChaotic = (options: Partial<Parameters<typeof fitForecast>[1]> = {}) =>
  fitForecast(chaotic(200), { targets: ["x"], seed: 3, plan: chaoticPlan, ...options });
export const bytesOf = ({ model }: ForecastFit) => encodeModel(model);
