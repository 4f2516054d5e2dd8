// What is fitted and how it is judged: real tables where their files are, and generated ones.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Random } from "../../src/random.ts";
import { parseTable, type Table } from "../../src/table/index.ts";
import { hasTables, readTable } from "../tabular/data.ts";
import { generate, generatedNames, rowsOf } from "./generated.ts";

/** A table, rows to fit and rows to judge by. The last column is the target. */
export type Split = { table: Table; train: Uint32Array; test: Uint32Array };

/** A line of the quality table. */
export type Task = {
  name: string;
  kind: "regression" | "classification";
  measure: "RMSE" | "R²" | "accuracy";
  /** What was promised, if anything was. */
  goal?: { value: number; atLeast: boolean };
  /** What others reach, and where that is from. */
  reference: string;
  splits: number;
  split(index: number): Split;
};

/** scikit-learn 1.2 with its defaults, on the same rows: gradient boosting, histogram gradient boosting, random forest. */
const scikitLearn: Record<string, string> = {
  concrete: "5.03, 4.54, 4.76",
  energy: "0.494, 0.495, 0.510",
  "California housing": "0.777, 0.835, 0.825",
  iris: "0.940, 0.940, 0.953",
  wine: "0.933, 0.983, 0.978",
  "additive, 8 columns": "0.492, 0.515, 0.750",
  "Friedman #1": "1.49, 1.51, 2.03",
  "interactions of few levels": "0.629, 0.356, 0.705",
  "steps and corners": "0.223, 0.256, 0.240",
  "noise alone": "1.05, 1.08, 1.01",
  "30 rows, linear": "1.11, 2.39, 1.15",
  "40 rows, curved": "0.636, 1.64, 0.621",
  "wide: 100 columns, linear": "1.47, 1.46, 1.62",
  "wide: 100 columns, curved": "1.28, 1.34, 1.38",
  "heavy tails": "1.18, 0.997, 1.23",
  "50,000 rows": "–, 0.601, –",
  "XOR among noise": "0.930, 0.921, 0.902",
  "one in twenty": "0.941, 0.945, 0.943",
  "five grades": "0.684, 0.667, 0.692",
  "twenty classes": "0.930, 0.928, 0.940",
};

const atLeast = (value: number) => ({ value, atLeast: true });
const atMost = (value: number) => ({ value, atLeast: false });

/** Every task whose files are there; generated ones always. */
export function tasks(data: string | undefined): Task[] {
  const file = (name: string) => join(data ?? "", "tabular", name);
  const found = (name: string, make: (text: string) => Task) =>
    data !== undefined && existsSync(file(name)) ? [make(readFileSync(file(name), "utf8"))] : [];
  return [
    ...(hasTables(data) ? [uci("concrete", data, atMost(4.4)), uci("energy", data, atMost(0.42))] : []),
    ...found("california-housing/housing.csv", california),
    ...found("iris.csv", (text) => classes("iris", text)),
    ...found("wine.csv", (text) => classes("wine", text)),
    ...generatedNames.map(generated),
  ];
}

/** Rows as the text of a CSV file, so that every table takes the way of a user's. */
function tableOf(
  source: string,
  features: readonly (readonly number[])[],
  target: readonly (number | string)[],
): Table {
  const header = [...features[0].map((_, j) => `x${j + 1}`), "y"];
  const rows = features.map((row, i) => [...row, target[i]].join(","));
  return parseTable([header.join(","), ...rows].join("\n"), { source });
}

const split = (table: Table, train: ArrayLike<number>, test: ArrayLike<number>): Split => ({
  table,
  train: Uint32Array.from(train),
  test: Uint32Array.from(test),
});

/** A fifth of the rows, at random, to judge by. */
function randomSplit(table: Table, seed: number): Split {
  const order = new Random(seed).permutation(table.rows);
  const held = Math.round(table.rows / 5);
  return split(table, order.subarray(held), order.subarray(0, held));
}

function uci(name: "concrete" | "energy", data: string, goal: Task["goal"]): Task {
  const { features, target, splits } = readTable(name, data);
  const table = tableOf(name, features, target);
  return {
    name,
    kind: "regression",
    measure: "RMSE",
    goal,
    reference: scikitLearn[name],
    splits: splits.length,
    split: (i) => split(table, splits[i].train, splits[i].test),
  };
}

/** California housing of 1990, with missing values and a column of words; its target is the last column but one. */
function california(text: string): Task {
  const rows = text.trim().split("\n");
  // The target to the end, as everywhere here.
  const turned = rows.map((row) => row.split(",")).map((row) => [...row.slice(0, 8), row[9], row[8]].join(","));
  const table = parseTable(turned.join("\n"), { source: "housing.csv" });
  const name = "California housing";
  return {
    name,
    kind: "regression",
    measure: "R²",
    goal: atLeast(0.8),
    reference: scikitLearn[name],
    splits: 2,
    split: (i) => randomSplit(table, i),
  };
}

function classes(name: string, text: string): Task {
  const table = parseTable(text, { source: `${name}.csv` });
  return {
    name,
    kind: "classification",
    measure: "accuracy",
    goal: atLeast(0.95),
    reference: scikitLearn[name],
    splits: 5,
    split: (i) => randomSplit(table, i),
  };
}

/** To judge by, 4000 fresh rows of the same kind. */
function generated(name: string): Task {
  const { classes, noise } = generate(name, 0, 4);
  const rows = rowsOf(name);
  const bound = classes && noise !== undefined ? 1 - noise : noise;
  return {
    name,
    kind: classes ? "classification" : "regression",
    measure: classes ? "accuracy" : "RMSE",
    reference: `${scikitLearn[name]}${bound === undefined ? "" : `; best possible ${bound}`}`,
    splits: 1,
    split(i) {
      const { features, target } = generate(name, 100 + i, rows + 4000);
      const table = tableOf(name, features, classes ? target.map((own) => `class ${own}`) : target);
      const order = Uint32Array.from(features.keys());
      return split(table, order.subarray(0, rows), order.subarray(rows));
    },
  };
}
