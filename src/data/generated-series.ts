// Series made by code, for machines without ETT. The mix is our choice. Tables that use them say "generated".
import * as v from "valibot";
import { checkOptions, count } from "../nn/options.ts";
import { Random } from "../random.ts";
import type { TimeSeries } from "./series.ts";

/** Options of {@link generatedSeries}. */
export type GeneratedSeriesOptions = {
  rows: number;
  /** Default 7, as many as ETT has. */
  columns?: number;
  /** Default 0. */
  seed?: number;
};

const schema = v.strictObject({ rows: count, columns: v.optional(count, 7), seed: v.optional(v.number(), 0) });

const HOUR = 3600_000;
const DAY = 24;
const WEEK = 7 * DAY;

/**
 * A generated series of hours: every column its own mix of a day with two harmonics, a week, a slow trend, a chaotic series (Mackey and
 * Glass) and noise, by the seed. Dates begin where ETTh1's do.
 *
 * @example
 * ```ts
 * const series = generatedSeries({ rows: 8000, seed: 1 });
 * const { train, test } = splitSeries(series, sevenOneTwo(8000), { lookback: 96 });
 * ```
 * @throws GmnmError for options it does not have.
 */
export function generatedSeries(options: GeneratedSeriesOptions): TimeSeries {
  const { rows, columns, seed } = checkOptions("generatedSeries", schema, options);
  const random = new Random(seed);
  const values = new Float32Array(rows * columns);
  for (let j = 0; j < columns; j++) {
    column(rows, random.split()).forEach((value, i) => {
      values[i * columns + j] = value;
    });
  }
  const start = Date.UTC(2016, 6, 1);
  const dateOf = (i: number) => new Date(start + i * HOUR).toISOString().slice(0, 19).replace("T", " ");
  return {
    dates: Array.from({ length: rows }, (_, i) => dateOf(i)),
    columns: Array.from({ length: columns }, (_, j) => `generated ${j + 1}`),
    values,
  };
}

function column(rows: number, random: Random): Float64Array {
  const wave = (period: number, strength: number) => {
    const [size, phase] = [strength * random.uniform(0.5, 1), random.uniform(0, 2 * Math.PI)];
    return (t: number) => size * Math.sin((2 * Math.PI * t) / period + phase);
  };
  const waves = [
    wave(DAY, 1),
    wave(DAY / 2, 0.5),
    wave(DAY / 3, 0.25),
    wave(WEEK, 0.5),
    wave(rows * random.uniform(0.8, 3), 1),
  ];
  const slope = random.gaussian() / rows;
  const chaos = mackeyGlass(rows, random);
  const chaosStrength = random.uniform(1, 4);
  const noise = random.uniform(0.05, 0.2);
  return Float64Array.from(
    chaos,
    (x, t) => waves.reduce((sum, at) => sum + at(t), slope * t + chaosStrength * x) + noise * random.gaussian(),
  );
}

/**
 * dx/dt = 0.2 x(t − 17) / (1 + x(t − 17)¹⁰) − 0.1 x, which is chaotic, one number per unit of time, from a random start, once it has settled.
 * M. C. Mackey and L. Glass, Science 197 (1977).
 */
function mackeyGlass(rows: number, random: Random): Float64Array {
  const stepsPerUnit = 10;
  const delay = 17 * stepsPerUnit;
  const settled = delay + 200 * stepsPerUnit;
  const x = new Float64Array(settled + rows * stepsPerUnit);
  x.fill(random.uniform(0.5, 1.3), 0, delay);
  for (let i = delay; i < x.length; i++) {
    const past = x[i - delay];
    x[i] = x[i - 1] + ((0.2 * past) / (1 + past ** 10) - 0.1 * x[i - 1]) / stepsPerUnit;
  }
  return Float64Array.from({ length: rows }, (_, t) => x[settled + t * stepsPerUnit]);
}
