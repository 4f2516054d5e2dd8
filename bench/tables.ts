// How quickly a large CSV file becomes a table, and what memory that takes: node bench/tables.ts [rows]
import { createWriteStream } from "node:fs";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Random } from "../src/random.ts";
import { encodeInputs, encodeTarget, fitPreprocessing, readTable } from "../src/table/index.ts";

const COLUMNS = 10;
const rows = Number(process.argv[2] ?? 1_000_000);

function* lines(count: number): Generator<string> {
  const random = new Random(1);
  yield `${Array.from({ length: COLUMNS - 2 }, (_, j) => `x${j + 1}`).join(",")},city,day\n`;
  for (let i = 0; i < count; i++) {
    const numbers = Array.from({ length: COLUMNS - 2 }, () => random.uniform(0, 1000).toFixed(3));
    const day = new Date(Date.UTC(2000, 0, 1) + 600_000 * i).toISOString();
    yield `${numbers.join(",")},city ${i % 17},${day}\n`;
  }
}

const megabytes = (bytes: number) => Math.round(bytes / 2 ** 20);
const timed = async <T>(what: string, work: () => T | Promise<T>): Promise<T> => {
  const start = performance.now();
  const busy = process.cpuUsage();
  const result = await work();
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(busy);
  const cpu = `${((user + system) / 1e6).toFixed(1)} s of processor time`;
  const peak = Math.round(process.resourceUsage().maxRSS / 1024);
  console.log(
    `${what}: ${seconds.toFixed(1)} s (${cpu}), ${Math.round(rows / seconds)} rows/s, peak memory of the process ${peak} MB`,
  );
  return result;
};

const folder = await mkdtemp(join(tmpdir(), "gmnm-tables-"));
try {
  const path = join(folder, "large.csv");
  await pipeline(Readable.from(lines(rows)), createWriteStream(path));
  const before = megabytes(process.memoryUsage.rss());
  console.log(`${rows} rows of ${COLUMNS}, ${megabytes((await stat(path)).size)} MB; ${before} MB of memory before`);
  const table = await timed("read", () => readTable(path));
  const { preprocessing } = await timed("fit", () => fitPreprocessing(table, { target: ["x1"] }));
  await timed("encode", () => [encodeInputs(table, preprocessing), encodeTarget(table, preprocessing)]);
} finally {
  await rm(folder, { recursive: true });
}
