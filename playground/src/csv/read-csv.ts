// A file of the user's as `gmnm fit` reads it, in the browser. What reads it is loaded with the first file.
import { MAX_BYTES, type Table, TableError, toTable } from "./table.ts";

/** Bytes read at a time. */
const PIECE = 2 ** 16;

/**
 * The table in a CSV file's bytes; delimiter, decimal sign and header are found.
 * @throws TableError or GmnmError, one sentence that names the file and, where there is one, the line.
 */
export async function readCsv(name: string, bytes: Uint8Array): Promise<Table> {
  if (bytes.length > MAX_BYTES) {
    const megabytes = (bytes.length / 1e6).toFixed(1);
    throw new TableError(`${name} has ${megabytes} MB; the playground reads up to ${MAX_BYTES / 1e6} MB`);
  }
  const { TableReader } = await import("../../../src/table/read-csv.ts");
  const reader = new TableReader(name);
  for (let at = 0; at < bytes.length; at += PIECE) reader.push(bytes.subarray(at, at + PIECE));
  return toTable(reader.end());
}
