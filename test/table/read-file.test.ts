import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { fitPreprocessing } from "../../src/table/fit.ts";
import { readTable } from "../../src/table/read-file.ts";
import { folderOf, realData, whySkipped } from "../data/folder.ts";

const text = `a,b\n${Array.from({ length: 30_000 }, (_, i) => `${i / 8},word ${i % 5}\n`).join("")}`;

test("a file is read, packed or not, and progress tells how far", async () => {
  const packed = gzipSync(text);
  const folder = folderOf({ "t.csv": text, "t.csv.gz": packed });
  for (const [name, size] of [
    ["t.csv", text.length],
    ["t.csv.gz", packed.length],
  ] as const) {
    const progress: number[][] = [];
    const { rows, columns } = await readTable(join(folder, name), { onProgress: (...step) => progress.push(step) });
    expect(rows).toBe(30_000);
    expect(columns[0].values[29_999]).toBe(29_999 / 8);
    expect(columns[1].words).toEqual(["word 0", "word 1", "word 2", "word 3", "word 4"]);
    expect(progress.at(-1)).toEqual([size, size]);
    expect(progress.map(([read]) => read)).toEqual(progress.map(([read]) => read).sort((a, b) => a - b));
  }
});

test("a table takes 8 bytes per number, 12 per other cell, and 4 per row", async () => {
  const { rows, columns, lines } = await readTable(join(folderOf({ "t.csv": text }), "t.csv"));
  const bytes = columns.map(({ values, codes }) => values.buffer.byteLength + (codes?.buffer.byteLength ?? 0));
  expect([...bytes, lines.buffer.byteLength]).toEqual([8 * rows, 12 * rows, 4 * rows]);
});

test("the words of a column are bounded, and so are their lengths", async () => {
  const many = `a,b\n${Array.from({ length: 70_000 }, (_, i) => `w${i},1\n`).join("")}`;
  const [a] = (await readTable(join(folderOf({ "t.csv": many }), "t.csv"))).columns;
  expect(a.words.length).toBe(2 ** 16 + 1);
  expect(a.counts.word).toBe(70_000);
  const long = `a,b\n${Array.from({ length: 40 }, (_, i) => `${i}${"x".repeat(2 ** 19)},1\n`).join("")}`;
  const [b] = (await readTable(join(folderOf({ "t.csv": long }), "t.csv"))).columns;
  expect(b.words.length).toBe(32);
});

test("a file far larger than the memory there is for text is read", async () => {
  const program = `
    import { createWriteStream } from "node:fs";
    import { readTable } from "./src/table/read-file.ts";
    const file = createWriteStream(process.argv[1]);
    const write = (piece) => file.write(piece) || new Promise((go) => file.once("drain", go));
    const words = Array.from({ length: 9 }, (_, j) => "some longer word to fill the file with " + j).join(",");
    await write("a,b,c,d,e,f,g,h,i,j\\n");
    for (let i = 0; i < 500; i++) await write((i + "," + words + "\\n").repeat(200));
    await new Promise((go) => file.end(go));
    const { rows, columns } = await readTable(process.argv[1]);
    console.log(rows, columns.length, file.bytesWritten > 33e6);`;
  const path = join(folderOf({}), "large.csv");
  const args = ["--max-old-space-size=32", "--input-type=module", "--eval", program, path];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: join(import.meta.dirname, "../..") });
  expect(stdout).toBe("100000 10 true\n");
}, 60_000);

describe("files that cannot be read", () => {
  const folder = folderOf({
    "empty.csv": "",
    "cut.csv.gz": gzipSync(text).subarray(0, 5000),
    "damaged.csv.gz": gzipSync(text).fill(7, 100, 200),
    "gz.csv": Uint8Array.of(0x1f, 0x8b),
    "a/b": "",
  });
  test.each([
    ["none.csv", /^gmnm: cannot read \S+none\.csv: no such file or folder$/],
    ["a", /^gmnm: cannot read \S+a: it is a folder$/],
    ["empty.csv", /^gmnm: \S+empty\.csv is empty$/],
    ["cut.csv.gz", /^gmnm: \S+cut\.csv\.gz is not a whole gzip file: its 5000 bytes are cut off or damaged$/],
    ["damaged.csv.gz", /^gmnm: \S+damaged\.csv\.gz is not a whole gzip file: its \d+ bytes are cut off or damaged$/],
    ["gz.csv", /^gmnm: \S+gz\.csv is not a whole gzip file: its 2 bytes are cut off or damaged$/],
  ])("%s", async (name, sentence) => {
    await expect(readTable(join(folder, name))).rejects.toThrow(sentence);
  });
});

const tabular = realData && join(realData, "tabular");
const there = tabular !== undefined && existsSync(join(tabular, "iris.csv"));
test.skipIf(!there).for([
  { file: "iris.csv", target: "-1", rows: 150, inputs: 4, task: "classification", ignored: 0 },
  { file: "wine.csv", target: "14", rows: 178, inputs: 13, task: "classification", ignored: 0 },
  {
    file: "california-housing/housing.csv",
    target: "median_house_value",
    rows: 20_640,
    inputs: 9,
    task: "regression",
    ignored: 0,
  },
  { file: "uci/concrete/data.txt", target: "-1", rows: 1030, inputs: 8, task: "regression", ignored: 0 },
  { file: "uci/energy/data.txt", target: "-1", rows: 768, inputs: 8, task: "regression", ignored: 0 },
])(`$file is read, and its task found${whySkipped(there)}`, async ({ file, target, rows, inputs, task, ignored }) => {
  const table = await readTable(join(tabular!, file));
  const fitted = fitPreprocessing(table, { target: [target] });
  expect([table.rows, fitted.rows.length, fitted.task, fitted.warnings]).toEqual([rows, rows, task, []]);
  expect(fitted.preprocessing.inputs.length).toBe(inputs);
  expect(fitted.preprocessing.ignored.length).toBe(ignored);
});
