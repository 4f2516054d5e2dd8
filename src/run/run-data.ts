// The table of a run, and which of its rows are for what.
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { GmnmError } from "../errors.ts";
import { fileError } from "../io/file-errors.ts";
import { Random } from "../random.ts";
import { fitPreprocessing, type Preprocessing, readTable, type Table, targetRows } from "../table/index.ts";
import { type RunConfig, readingOf } from "./config.ts";

/** What a run trains on. */
export type RunData = {
  table: Table;
  preprocessing: Preprocessing;
  task: "regression" | "classification";
  /** Rows with a target, without those kept for a test. */
  training: Uint32Array;
  /** Rows to test on, of the same table or of another one. */
  test?: { table: Table; rows: Uint32Array };
  warnings: string[];
};

/** How far reading is, in bytes. */
export type OnRead = (read: number, total: number) => void;

/** Options of {@link readRunData}. */
export type ReadOptions = {
  onRead?: OnRead;
  /** Sees the table before anything is made of it. */
  onTable?: (table: Table) => unknown;
};

/** SHA-256 of a file's bytes. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  try {
    for await (const piece of createReadStream(path)) hash.update(piece);
  } catch (error) {
    throw fileError("read", path, error);
  }
  return hash.digest("hex");
}

/**
 * Reads a run's table and decides what its columns are, from the training rows alone. The same config and table give the same.
 *
 * @throws GmnmError when the table holds nothing to learn.
 */
export async function readRunData(config: RunConfig, { onRead, onTable }: ReadOptions = {}): Promise<RunData> {
  const { file, target, features, ignore, task: wanted, test, seed } = config;
  if (wanted === "forecast") throw new GmnmError("a forecast learns from a series, not from rows");
  const table = await readTable(file, { ...readingOf(config), onProgress: onRead });
  await onTable?.(table);
  const share = typeof test === "number" ? test : 0;
  const order = new Random(seed).permutation(table.rows);
  const kept = Math.round(share * table.rows);
  const { preprocessing, task, rows, warnings } = fitPreprocessing(table, {
    target,
    features,
    ignore,
    task: wanted,
    rows: order.slice(kept).sort(),
  });
  const data = { table, preprocessing, task, training: rows, warnings };
  if (test === undefined) return data;
  const other = typeof test === "string" ? await readTable(test, readingOf(config)) : table;
  const among = typeof test === "string" ? undefined : order.slice(0, kept).sort();
  const testRows = targetRows(other, preprocessing.target, among);
  if (testRows.length === 0)
    throw new GmnmError(`${other.source}: no row to test on has a value of ${target.join(", ")}`);
  return { ...data, test: { table: other, rows: testRows } };
}
