// What is fitted and how it is judged: real tables where their files are, and generated ones.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { Random } from "../../src/random.ts";
import { hasTables, readTable } from "../tabular/data.ts";
import { generate, generatedNames, rowsOf } from "./generated.ts";

/** One table divided into rows to fit and rows to judge by. Targets are numbers, or places in a list of classes. */
export type Split = { features: number[][]; target: number[]; train: number[]; test: number[] };

/** A task of the quality table. */
export type Task = {
  name: string;
  kind: "regression" | "classification";
  classes?: number;
  measure: "RMSE" | "R²" | "accuracy";
  /** What was promised, if anything was. */
  goal?: { value: number; atLeast: boolean };
  /** What others reach, with the source. */
  reference: string;
  splits: number;
  split(index: number): Split;
};

const least = (value: number) => ({ value, atLeast: true });
const most = (value: number) => ({ value, atLeast: false });

/** Every task whose files are there; generated ones always. */
export function tasks(data: string | undefined): Task[] {
  const tabular = data === undefined ? undefined : join(data, "tabular");
  const has = (file: string) => tabular !== undefined && existsSync(join(tabular, file));
  return [
    ...(hasTables(data)
      ? [
          uci(
            "concrete",
            data,
            most(4.4),
            "gradient boosting 3.7 to 4.1, perceptron 6.3 (scikit-learn 1.2, three of the splits)",
          ),
          uci(
            "energy",
            data,
            most(0.42),
            "gradient boosting 0.37 to 0.45, perceptron 2.6 (scikit-learn 1.2, three of the splits)",
          ),
        ]
      : []),
    ...(has("california-housing/housing.csv") ? [california(join(tabular!, "california-housing/housing.csv"))] : []),
    ...(has("iris.csv")
      ? [flowers("iris", join(tabular!, "iris.csv"), "linear discriminants 0.98 (leave one out)")]
      : []),
    ...(has("wine.csv")
      ? [flowers("wine", join(tabular!, "wine.csv"), "linear discriminants 0.989 (leave one out; UCI)")]
      : []),
    ...generatedNames.map(generated),
  ];
}

function uci(name: "concrete" | "energy", data: string, goal: Task["goal"], reference: string): Task {
  const { features, target, splits } = readTable(name, data);
  return {
    name,
    kind: "regression",
    measure: "RMSE",
    goal,
    reference,
    splits: splits.length,
    split: (i) => ({ features, target, ...splits[i] }),
  };
}

/** A share of the rows to judge by, at random. */
function randomSplit(rows: number, share: number, seed: number): { train: number[]; test: number[] } {
  const order = [...new Random(seed).permutation(rows)];
  const held = Math.round(rows * share);
  return { train: order.slice(held), test: order.slice(0, held) };
}

/** California housing of 1990; ocean_proximity as one column per level, missing bedrooms as the mean of the rows that have them. */
function california(path: string): Task {
  const [header, ...rows] = parse(readFileSync(path), { bom: true }) as string[][];
  const at = (name: string) => header.indexOf(name);
  const levels = [...new Set(rows.map((row) => row[at("ocean_proximity")]))].sort();
  const numbers = header.filter((name) => !["ocean_proximity", "median_house_value"].includes(name));
  const bedrooms = rows
    .map((row) => row[at("total_bedrooms")])
    .filter((word) => word !== "")
    .map(Number);
  const fill = bedrooms.reduce((a, b) => a + b, 0) / bedrooms.length;
  const features = rows.map((row) => [
    ...numbers.map((name) => (row[at(name)] === "" ? fill : Number(row[at(name)]))),
    ...levels.map((level) => Number(row[at("ocean_proximity")] === level)),
  ]);
  const target = rows.map((row) => Number(row[at("median_house_value")]));
  return {
    name: "California housing",
    kind: "regression",
    measure: "R²",
    goal: least(0.8),
    reference: "gradient boosting about 0.84, random forest about 0.81 (published)",
    splits: 2,
    split: (i) => ({ features, target, ...randomSplit(rows.length, 0.2, i) }),
  };
}

/** A table of numbers whose last column is a class. */
function flowers(name: string, path: string, reference: string): Task {
  const rows = parse(readFileSync(path), { skip_empty_lines: true }) as string[][];
  const labels = rows.map((row) => row.at(-1)!);
  const classes = [...new Set(labels)].sort();
  const features = rows.map((row) => row.slice(0, -1).map(Number));
  const target = labels.map((label) => classes.indexOf(label));
  return {
    name,
    kind: "classification",
    classes: classes.length,
    measure: "accuracy",
    goal: least(0.95),
    reference,
    splits: 5,
    split: (i) => ({ features, target, ...randomSplit(rows.length, 0.2, i) }),
  };
}

/** Fresh rows of the same kind to judge by, as many as make the error sure. */
function generated(name: string): Task {
  const { classes, noise } = generate(name, 0, 4);
  const rows = rowsOf(name);
  const tests = 4000;
  const best = classes ? noise && `the rule itself ${1 - noise}` : noise && `the function itself ${noise}`;
  return {
    name,
    kind: classes ? "classification" : "regression",
    ...(classes && { classes }),
    measure: classes ? "accuracy" : "RMSE",
    reference: best || "",
    splits: 1,
    split(i) {
      const { features, target } = generate(name, 100 + i, rows + tests);
      const all = [...features.keys()];
      return { features, target, train: all.slice(0, rows), test: all.slice(rows) };
    },
  };
}
