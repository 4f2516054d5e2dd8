// Tables of many shapes, made from a seed, that nothing was tuned on. What no model can know is their noise, so each says how large it is.
import { Random } from "../../src/random.ts";

/** Rows of a generated table; a class is a whole number. */
export type GeneratedTable = { features: number[][]; target: number[]; classes?: number; noise?: number };

type Row = { x: number[]; y: number };
type Recipe = { rows: number; row: (random: Random) => Row; classes?: number; noise?: number };

const normals = (random: Random, count: number) => Array.from({ length: count }, () => random.gaussian());
const uniforms = (random: Random, count: number) => Array.from({ length: count }, () => random.uniform());
const whole = (random: Random, count: number, levels: number) =>
  Array.from({ length: count }, () => random.integer(levels));
/** Student's t with 2 degrees of freedom: no variance. */
const heavy = (random: Random) => random.gaussian() / Math.sqrt(-Math.log(1 - random.uniform()));
const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));

/** `noise` is the RMSE of the function that made the targets, or the error rate of the best guess where that is known. */
const recipes: Record<string, Recipe> = {
  "additive, 8 columns": {
    rows: 1000,
    noise: 0.3,
    row(random) {
      const x = normals(random, 8);
      const y = Math.sin(2 * x[0]) + Math.abs(x[1]) + 0.5 * x[2] ** 2 + Math.tanh(3 * x[3]) + x[4];
      return { x, y: y + 0.3 * random.gaussian() };
    },
  },
  "Friedman #1": {
    rows: 1000,
    noise: 1,
    row(random) {
      const x = uniforms(random, 10);
      const y = 10 * Math.sin(Math.PI * x[0] * x[1]) + 20 * (x[2] - 0.5) ** 2 + 10 * x[3] + 5 * x[4];
      return { x, y: y + random.gaussian() };
    },
  },
  "interactions of few levels": {
    rows: 800,
    noise: 0.2,
    row(random) {
      const x = whole(random, 6, 4);
      const y = (x[0] === x[1] ? 2 : 0) + x[2] * Number(x[3] > 1) - 0.5 * x[4];
      return { x, y: y + 0.2 * random.gaussian() };
    },
  },
  "steps and corners": {
    rows: 1500,
    noise: 0.2,
    row(random) {
      const x = uniforms(random, 5);
      const y = (x[0] > 0.5 ? 2 : 0) + (x[1] > 0.3 && x[2] > 0.6 ? 1.5 : 0) + Math.max(0, x[3] - 0.5) * 4;
      return { x, y: y + 0.2 * random.gaussian() };
    },
  },
  "noise alone": { rows: 500, noise: 1, row: (random) => ({ x: normals(random, 10), y: random.gaussian() }) },
  "30 rows, linear": {
    rows: 30,
    noise: 0.5,
    row(random) {
      const x = normals(random, 3);
      return { x, y: x[0] - 2 * x[1] + 0.5 * random.gaussian() };
    },
  },
  "40 rows, curved": {
    rows: 40,
    noise: 0.2,
    row(random) {
      const x = normals(random, 2);
      return { x, y: x[0] ** 2 + x[1] + 0.2 * random.gaussian() };
    },
  },
  "wide: 100 columns, linear": {
    rows: 200,
    noise: 1,
    row(random) {
      const x = normals(random, 100);
      return { x, y: 2 * x[0] - x[1] + x[2] + 0.5 * x[3] + random.gaussian() };
    },
  },
  "wide: 100 columns, curved": {
    rows: 600,
    noise: 0.5,
    row(random) {
      const x = normals(random, 100);
      return { x, y: x[0] * x[1] + x[2] ** 2 + x[3] + 0.5 * random.gaussian() };
    },
  },
  "heavy tails": {
    rows: 1000,
    row(random) {
      const x = [Math.exp(1.5 * random.gaussian()), heavy(random), ...normals(random, 4)];
      return { x, y: Math.log(x[0]) + Math.tanh(x[1]) + x[2] * x[3] + 0.2 * heavy(random) };
    },
  },
  "50,000 rows": {
    rows: 50_000,
    noise: 0.5,
    row(random) {
      const x = normals(random, 8);
      const y = Math.sin(x[0] * x[1]) * 2 + x[2] * Math.abs(x[3]) + Math.cos(2 * x[4]);
      return { x, y: y + 0.5 * random.gaussian() };
    },
  },
  "XOR among noise": {
    rows: 500,
    classes: 2,
    noise: 0.05,
    row(random) {
      const x = normals(random, 6);
      const y = Number(x[0] * x[1] > 0);
      return { x, y: random.uniform() < 0.05 ? 1 - y : y };
    },
  },
  "one in twenty": {
    rows: 1200,
    classes: 2,
    row(random) {
      const x = normals(random, 6);
      return { x, y: Number(random.uniform() < sigmoid(2 * x[0] + 2 * x[1] * x[2] - 5.2)) };
    },
  },
  "five grades": {
    rows: 900,
    classes: 5,
    row(random) {
      const x = normals(random, 5);
      const score = x[0] + 0.7 * Math.sin(2 * x[1]) + 0.3 * random.gaussian();
      return { x, y: [-1.2, -0.4, 0.4, 1.2].filter((edge) => score > edge).length };
    },
  },
  "twenty classes": {
    rows: 2000,
    classes: 20,
    row(random) {
      const y = random.integer(20);
      const angle = (2 * Math.PI * y) / 20;
      const center = [3 * Math.cos(angle), 3 * Math.sin(angle), y % 2 ? 1 : -1, y % 3];
      return { x: center.map((c) => c + 0.5 * random.gaussian()), y };
    },
  },
};

export const generatedNames = Object.keys(recipes);

/** The table of a name; the same for the same seed. With `rows`, so many rows in place of its own number. */
export function generate(name: string, seed: number, rows = recipes[name].rows): GeneratedTable {
  const random = new Random(seed);
  const { row, classes, noise } = recipes[name];
  const made = Array.from({ length: rows }, () => row(random));
  return {
    features: made.map(({ x }) => x),
    target: made.map(({ y }) => y),
    ...(classes && { classes }),
    ...(noise !== undefined && { noise }),
  };
}

/** Rows that the recipe gives for training. */
export const rowsOf = (name: string): number => recipes[name].rows;
