// Series on which the default forecaster is judged: public ones from a data folder, their monthly or daily means, and generated ones.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import type { Series } from "../src/auto/forecast/series.ts";
import { generatedSeries } from "../src/data/generated-series.ts";
import { Random } from "../src/random.ts";

/** A series, what is forecast of it, and how many rows at its end are held out. */
export type Case = {
  name: string;
  series: Series;
  targets: string[];
  held: number;
  horizon?: number;
  lookback?: number;
  /** Rows whose standard deviations are the unit of the errors that papers print. */
  unitRows?: number;
};

function read(path: string): Series {
  const [header, ...rows] = parse(readFileSync(path), { trim: true }) as string[][];
  const columns = header.slice(1);
  return {
    source: path,
    columns,
    dates: rows.map(([date]) => date),
    values: Float64Array.from(rows.flatMap((row) => row.slice(1).map(Number))),
  };
}

const only = (series: Series, columns: string[], from = 0, to = Number.POSITIVE_INFINITY): Series => {
  const places = columns.map((column) => series.columns.indexOf(column));
  const width = series.columns.length;
  const rows = Array.from({ length: series.values.length / width }, (_, t) => t).slice(from, to);
  return {
    source: series.source,
    columns,
    dates: series.dates?.slice(from, to),
    values: Float64Array.from(rows.flatMap((t) => places.map((place) => series.values[t * width + place]))),
  };
};

/** Means over stretches of dates that begin alike: "1981-01" for months. */
function means(series: Series, letters: number): Series {
  const groups = Map.groupBy(series.dates!, (date) => date.slice(0, letters));
  const width = series.columns.length;
  let at = 0;
  const values = [...groups.values()].flatMap(({ length }) => {
    const mean = series.columns.map((_, c) => {
      let sum = 0;
      for (let t = at; t < at + length; t++) sum += series.values[t * width + c] / length;
      return sum;
    });
    at += length;
    return mean;
  });
  return { ...series, dates: [...groups.keys()], values: Float64Array.from(values) };
}

const one = (name: string, values: ArrayLike<number>, dates?: string[]): Series => ({
  source: name,
  columns: ["y"],
  values,
  dates,
});
const months = (rows: number) =>
  Array.from({ length: rows }, (_, i) => `${2000 + Math.floor(i / 12)}-${String((i % 12) + 1).padStart(2, "0")}`);
const hours = (rows: number) =>
  Array.from({ length: rows }, (_, i) => new Date(Date.UTC(2020, 0, 1) + i * 3_600_000).toISOString().slice(0, 16));
const series = (rows: number, seed: number, at: (t: number, noise: () => number) => number) => {
  const random = new Random(seed);
  return Float64Array.from({ length: rows }, (_, t) => at(t, () => random.gaussian()));
};

function logisticMap(rows: number): Float64Array {
  const x = new Float64Array(rows);
  x[0] = 0.3;
  for (let t = 1; t < rows; t++) x[t] = 3.8 * x[t - 1] * (1 - x[t - 1]);
  return x;
}

function walk(rows: number, seed: number): Float64Array {
  let level = 0;
  return series(rows, seed, (_, noise) => {
    level += noise();
    return level;
  });
}

export function generatedCases(): Case[] {
  const cycle = (t: number, length: number) => Math.sin((2 * Math.PI * t) / length);
  const y = ["y"];
  return [
    {
      name: "trend and season, months",
      series: one(
        "g",
        series(120, 1, (t, e) => 50 + 0.3 * t + 8 * cycle(t, 12) + 3 * cycle(t, 6) + 2 * e()),
        months(120),
      ),
      targets: y,
      held: 30,
    },
    {
      name: "season that grows, months",
      series: one(
        "g",
        series(132, 2, (t, e) => Math.exp(3 + 0.012 * t + 0.25 * cycle(t, 12) + 0.05 * e())),
        months(132),
      ),
      targets: y,
      held: 36,
    },
    {
      name: "two seasons, hours",
      series: one(
        "g",
        series(2400, 3, (t, e) => 10 + 3 * cycle(t, 24) + 2 * cycle(t, 168) + 0.7 * e()),
        hours(2400),
      ),
      targets: y,
      held: 480,
    },
    {
      name: "no dates, season 30",
      series: one(
        "g",
        series(600, 4, (t, e) => 5 * Math.abs(cycle(t, 60)) + 0.5 * e()),
      ),
      targets: y,
      held: 120,
    },
    { name: "logistic map", series: one("g", logisticMap(800)), targets: y, held: 160, horizon: 3 },
    {
      name: "chaos and waves, hours",
      series: only(generatedSeries({ rows: 3000, columns: 1, seed: 5 }), ["generated 1"]),
      targets: ["generated 1"],
      held: 600,
    },
    {
      name: "noise",
      series: one(
        "g",
        series(400, 6, (_, e) => 3 + e()),
      ),
      targets: y,
      held: 100,
    },
    { name: "random walk", series: one("g", walk(500, 7)), targets: y, held: 120 },
    {
      name: "40 months",
      series: one(
        "g",
        series(52, 8, (t, e) => 20 + 5 * cycle(t, 12) + e()),
        months(52),
      ),
      targets: y,
      held: 12,
    },
    {
      name: "straight line, 30 rows",
      series: one(
        "g",
        series(40, 9, (t, e) => 2 * t + e()),
      ),
      targets: y,
      held: 10,
    },
  ];
}

export function publicCases(data: string): Case[] {
  const file = (...path: string[]) => join(data, ...path);
  if (!existsSync(file("timeseries", "airline-passengers.csv"))) return [];
  const airline = read(file("timeseries", "airline-passengers.csv"));
  const temperatures = read(file("timeseries", "daily-min-temperatures.csv"));
  const ett = read(file("ett", "ETTh1.csv"));
  const exchange = read(file("ltsf", "exchange_rate.csv"));
  // 12 + 4 + 4 months of 30 days, as everywhere.
  const ltsf = only(ett, [...ett.columns], 0, 20 * 720);
  const days = only(ett, [...ett.columns], 0, 17400);
  return [
    { name: "airline passengers", series: airline, targets: ["Passengers"], held: 36 },
    { name: "airline, last year", series: airline, targets: ["Passengers"], held: 12, horizon: 12 },
    { name: "airline, first 7 years", series: only(airline, ["Passengers"], 0, 84), targets: ["Passengers"], held: 24 },
    { name: "daily minimum temperatures", series: temperatures, targets: ["Temp"], held: 730 },
    { name: "their monthly means", series: means(temperatures, 7), targets: ["Temp"], held: 36 },
    { name: "ETTh1, oil temperature", series: ltsf, targets: ["OT"], held: 2880 },
    {
      name: "ETTh1, all, 96 hours",
      series: ltsf,
      targets: [...ett.columns],
      held: 2880,
      horizon: 96,
      lookback: 336,
      unitRows: 12 * 720,
    },
    { name: "ETTh1 daily means, OT", series: means(days, 10), targets: ["OT"], held: 145 },
    { name: "ETTh1 daily means, HUFL", series: means(days, 10), targets: ["HUFL"], held: 145 },
    { name: "exchange rates, all", series: exchange, targets: [...exchange.columns], held: 1517 },
    { name: "exchange rate OT", series: only(exchange, ["OT"]), targets: ["OT"], held: 1517 },
  ];
}
