// Models and preprocessing of every kind, to be exported.
import type { Model } from "../../src/model.ts";
import type { AnyLayer } from "../../src/nn/layer.ts";
import { isBuffer, namedTensors } from "../../src/params.ts";
import { Random } from "../../src/random.ts";
import type { Input, Preprocessing, SeriesPreprocessing, Target } from "../../src/table/preprocessing.ts";
import { initial } from "../contract/points.ts";

/** A layer with parameters moved a little, so that none is zero or equal to another. */
export function started(layer: AnyLayer, seed = 7): Model {
  const params = initial(layer, seed);
  const random = new Random(seed + 1);
  for (const [path, { data }] of namedTensors(params)) {
    if (!isBuffer(path)) for (let i = 0; i < data.length; i++) data[i] += 0.2 * random.gaussian();
  }
  return { layer, params };
}

export const number = (name: string, options: Partial<Extract<Input, { kind: "number" }>> = {}): Input => ({
  kind: "number",
  name,
  transform: "identity",
  center: 0.5,
  scale: 2,
  fill: 0.25,
  flag: false,
  ...options,
});

/** A target of numbers; each is its name's place in tens. */
export const numbers = (...names: string[]): Target => ({
  kind: "numbers",
  columns: names.map((name, j) => ({ name, transform: "identity", center: 10 * j, scale: 5 })),
});

export const tableOf = (inputs: Input[], target: Target, ignored: Preprocessing["ignored"] = []): Preprocessing => ({
  format: "gmnm preprocessing",
  version: 1,
  inputs,
  target,
  ignored,
});

/** Columns x0, x1, … and targets y0, y1, … for a layer of so many features and outputs. */
export const plainTable = (features: number, outputs: number): Preprocessing =>
  tableOf(
    Array.from({ length: features }, (_, j) => number(`x${j}`)),
    numbers(...Array.from({ length: outputs }, (_, j) => `y${j}`)),
  );

/** Columns c0, c1, … of a series, all of them forecast. */
export const plainSeries = (
  lookback: number,
  horizon: number,
  columns: number,
  targets = columns,
): SeriesPreprocessing => ({
  format: "gmnm series preprocessing",
  version: 1,
  lookback,
  horizon,
  columns: Array.from({ length: columns }, (_, c) => ({ name: `c${c}`, transform: "identity", center: c, scale: 2 })),
  targets: Array.from({ length: targets }, (_, c) => c),
});

/** Every kind of column at once: 10 features. */
export const mixedInputs: Input[] = [
  number("area", { transform: "signedLog", flag: true }),
  { kind: "category", name: "city", levels: ["Bonn", "Köln", "1"] },
  { kind: "date", name: "day", center: 8000, scale: 500, cycles: [365.2425, 7], fill: 8100 },
];

export const mixedRows = [
  { area: 120, city: "Bonn", day: "2024-02-29" },
  { area: -3.5, city: "Rom", day: "2023-12-31T23:59:59.5+02:00" },
  { area: null, city: 1, day: "2020-07" },
  { area: 2, city: null, day: null },
  { area: "17", city: "1.0", day: "31 Dec 1999 06:30" },
];

/** Rows of numbers for {@link plainTable} and {@link plainSeries}. */
export function randomRows(names: readonly string[], rows: number, seed = 5): Record<string, number>[] {
  const random = new Random(seed);
  return Array.from({ length: rows }, () => Object.fromEntries(names.map((name) => [name, 2 * random.gaussian()])));
}
