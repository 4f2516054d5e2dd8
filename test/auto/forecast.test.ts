import { existsSync } from "node:fs";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { makePlan } from "../../src/auto/forecast/plan.ts";
import type { Series } from "../../src/auto/forecast/series.ts";
import { evaluateForecast, type ForecastFit, fitForecast, forecastNext } from "../../src/auto/forecast.ts";
import { readSeries } from "../../src/data/read-series.ts";
import { Random } from "../../src/random.ts";
import { bytesOf, chaoticPlan, fitChaotic, months, seasonal } from "./forecast/examples.ts";

describe("a fit to months", () => {
  const series = seasonal(108);
  const known = 84;
  const head = (s: Series, rows: number): Series => ({
    ...s,
    values: Array.from(s.values).slice(0, rows),
    dates: s.dates?.slice(0, rows),
  });
  let fitted: ForecastFit;
  beforeAll(async () => {
    const plan = {
      ...makePlan(head(series, known), { targets: [0], timeBudget: 1 }),
      training: { steps: 0, members: 0 },
    };
    fitted = await fitForecast(head(series, known), { targets: ["y"], plan });
  });

  test("chooses a season, a horizon and a lookback by itself", () => {
    expect(fitted.plan).toMatchObject({ seasons: [12], horizon: 8, lookback: 24 });
    expect(fitted.preprocessing).toMatchObject({ season: 12, horizon: 8, lookback: 24, targets: [0] });
  });

  test("is better than both naive forecasts where it has not looked, step by step told", async () => {
    const { targets, origins, rmse, horizon } = await evaluateForecast(fitted.model, fitted.preprocessing, series, {
      from: known,
    });
    const [{ model, naive, seasonalNaive }] = targets;
    expect(origins).toBe(108 - known - 8 + 1);
    expect(model.rmse).toBe(rmse);
    expect(model.rmse).toBeLessThan(0.8 * seasonalNaive!.rmse);
    expect(seasonalNaive!.rmse).toBeLessThan(naive.rmse);
    expect(model.mase).toBeLessThan(1);
    expect(model.rmsePerStep).toHaveLength(horizon);
    expect(Math.sqrt(model.rmsePerStep.reduce((sum, e) => sum + e * e, 0) / horizon)).toBeCloseTo(model.rmse, 9);
    expect(fitted.validation.mase).toBeLessThan(1);
  });

  test("goes on behind the end, with dates in their own form", async () => {
    const { dates, values, columns } = await forecastNext(fitted.model, fitted.preprocessing, head(series, known));
    expect(columns).toEqual(["y"]);
    expect(dates).toEqual(months(known + 8).slice(known));
    const truth = Array.from(series.values).slice(known, known + 8);
    for (let h = 0; h < 8; h++) expect(Math.abs(values[h] - truth[h])).toBeLessThan(6);
  });

  test("forecasts the same from a file with other columns, in another order, and refuses one without its own", async () => {
    const wide: Series = { ...series, columns: ["z", "y"], values: Array.from(series.values).flatMap((y) => [0, y]) };
    const [a, b] = [series, wide].map((s) => forecastNext(fitted.model, fitted.preprocessing, s));
    expect((await b).values).toEqual((await a).values);
    await expect(forecastNext(fitted.model, fitted.preprocessing, { ...series, columns: ["z"] })).rejects.toThrow(
      'sales.csv has no column "y"; it has z',
    );
    await expect(forecastNext(fitted.model, fitted.preprocessing, head(series, 20))).rejects.toThrow(
      "sales.csv has 20 rows; a forecast is made from the last 24",
    );
    await expect(evaluateForecast(fitted.model, fitted.preprocessing, series, { from: 105 })).rejects.toThrow(
      "sales.csv has 108 rows; to compare one forecast from row 106 on, 113 are needed",
    );
  });
});
describe("rivals", () => {
  test.each(["nlinear", "dlinear", "lstm"] as const)("%s can be asked for", async (model) => {
    const series = seasonal(80, 2);
    const plan = {
      ...makePlan(series, { targets: [0], horizon: 3, lookback: 12, timeBudget: 1, model }),
      training: { steps: 40, members: 1 },
    };
    const [a, b] = [
      await fitForecast(series, { targets: ["y"], plan }),
      await fitForecast(series, { targets: ["y"], plan }),
    ];
    expect(bytesOf(b)).toEqual(bytesOf(a));
    expect(a.validation.targets[0].model.rmsePerStep).toHaveLength(3);
    expect((await forecastNext(a.model, a.preprocessing, series)).values).toHaveLength(3);
  });
});

describe("bad input is refused", () => {
  const fit = (series: Series, options = {}) => fitForecast(series, { targets: ["y"], timeBudget: 1, ...options });
  test.each<[string, () => Promise<unknown>, string]>([
    ["too few rows", () => fit(seasonal(5)), "sales.csv has 5 rows, too few for a lookback of"],
    ["a horizon that is too long", () => fit(seasonal(40), { horizon: 30 }), "sales.csv has 40 rows, too few for"],
    [
      "an unknown target",
      () => fit(seasonal(60), { targets: ["z"] }),
      'sales.csv has no column "z" to forecast; it has y',
    ],
    ["a target twice", () => fit(seasonal(60), { targets: ["y", "y"] }), 'the target "y" is named twice'],
    ["no target", () => fit(seasonal(60), { targets: [] }), "name at least one target; sales.csv has y"],
    [
      "a value that is not finite",
      () => fit({ columns: ["y"], values: [1, Number.NaN] }),
      'the series: row 2 of column "y" is NaN, not a finite number',
    ],
    [
      "rows that are not whole",
      () => fit({ columns: ["y", "z"], values: [1, 2, 3] }),
      "the series has 3 numbers, which do not make rows of 2 columns",
    ],
    [
      "an unknown model",
      () => fit(seasonal(60), { model: "oracle" }),
      'model must be one of gmnm, nlinear, dlinear, lstm, got "oracle"',
    ],
    [
      "a plan for other data",
      () => fitChaotic({ plan: { ...chaoticPlan, rows: 7 } }),
      "the plan is for a series of 7 rows, and the series has 200",
    ],
  ])("%s", async (_, attempt, message) => {
    await expect(attempt()).rejects.toThrow(message);
  });
});

test("constant series, straight lines and series of any scale are forecast without ado", async () => {
  const cases = fc.record({
    level: fc.double({ min: -1e6, max: 1e6, noNaN: true }),
    slope: fc.constantFrom(0, 1e-3, 5),
    noise: fc.constantFrom(0, 1e-3, 100),
    seed: fc.integer(),
  });
  await fc.assert(
    fc.asyncProperty(cases, async ({ level, slope, noise, seed }) => {
      const random = new Random(seed);
      const values = Array.from({ length: 40 }, (_, t) => level + slope * t + noise * random.gaussian());
      const series: Series = { columns: ["y"], values };
      const { model, preprocessing } = await fitForecast(series, { targets: ["y"], timeBudget: 1 });
      const next = await forecastNext(model, preprocessing, series);
      const [low, high] = [Math.min(...values), Math.max(...values)];
      const room = high - low + 20 * slope + 1e-4 * Math.abs(level) + 1e-6;
      for (const value of next.values) expect(value > low - room && value < high + room).toBe(true);
    }),
    // So small that the squares of what is left after standardising have no digits.
    { numRuns: 12, examples: [[{ level: -1.743629954301284e-147, slope: 0, noise: 0, seed: 0 }]] },
  );
});
const exchange = "../shared/data/ltsf/exchange_rate.csv";
test.skipIf(!existsSync(exchange))(
  `a random walk is forecast no worse than by its last value (skipped where ${exchange} is missing)`,
  async () => {
    const { columns, values, dates } = readSeries(exchange);
    const place = columns.indexOf("OT");
    const rows = 2000;
    const series: Series = {
      columns: ["OT"],
      values: Array.from({ length: rows }, (_, t) => values[t * columns.length + place]),
      dates: dates.slice(0, rows),
    };
    const head: Series = { ...series, values: Array.from(series.values).slice(0, 1600), dates: dates.slice(0, 1600) };
    const plan = {
      ...makePlan(head, { targets: [0], horizon: 10, lookback: 30, timeBudget: 5 }),
      training: { steps: 0, members: 0 },
    };
    const { model, preprocessing } = await fitForecast(head, { targets: ["OT"], plan });
    const [errors] = (await evaluateForecast(model, preprocessing, series, { from: 1600 })).targets;
    expect(errors.model.rmse).toBeLessThan(1.03 * errors.naive.rmse);
  },
);
