import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { GmnmError } from "../errors.ts";
import { fileError } from "../io/file-errors.ts";
import { type TableOptions, TableReader } from "./read-csv.ts";
import type { Table } from "./table.ts";

/** Options of {@link readTable}. */
export type ReadTableOptions = TableOptions & {
  /** Called as the file is read, with bytes of the file as it lies on the disk, packed or not. */
  onProgress?: (bytesRead: number, bytesTotal: number) => void;
};

/** Bytes read at a time. */
const PIECE = 2 ** 17;

/**
 * A table from a CSV file, packed by gzip or not. Delimiter, decimal sign and header are found; see docs/tables.md. The file is read piece by
 * piece, and its text never held whole: the table takes at most 12 bytes per cell and 4 per row, 8 per cell of numbers, and beside it up to
 * 65,536 different words per column.
 *
 * @example
 * ```ts
 * const table = await readTable("houses.csv", { onProgress: (read, total) => console.log(Math.round((100 * read) / total), "%") });
 * ```
 * @throws GmnmError, one sentence that names the file, and the line and column where there is one.
 */
export async function readTable(path: string, options: ReadTableOptions = {}): Promise<Table> {
  const { onProgress, ...tableOptions } = options;
  const reader = new TableReader(path, tableOptions);
  let size = 0;
  const take = async (pieces: AsyncIterable<Uint8Array>) => {
    for await (const piece of pieces) reader.push(piece);
  };
  try {
    size = (await stat(path)).size;
    const pieces = readPieces(path, (read) => onProgress?.(read, Math.max(read, size)));
    const first = await pieces.next();
    const all = async function* () {
      if (first.done) return;
      yield first.value;
      yield* pieces;
    };
    const isPacked = !first.done && first.value[0] === 0x1f && first.value[1] === 0x8b;
    await (isPacked ? pipeline(all, createGunzip({ chunkSize: PIECE }), take) : pipeline(all, take));
  } catch (error) {
    throw isDamage(error)
      ? new GmnmError(`${path} is not a whole gzip file: its ${size} bytes are cut off or damaged`, { cause: error })
      : fileError("read", path, error);
  }
  return reader.end();
}

/** A file in pieces; tells after each how much has been used. Pipes can be read too, so nothing is read twice. */
async function* readPieces(path: string, onRead: (bytes: number) => void): AsyncGenerator<Uint8Array, void> {
  let read = 0;
  for await (const piece of createReadStream(path, { highWaterMark: PIECE })) {
    yield piece;
    read += piece.length;
    onRead(read);
  }
}

/** Errors of zlib have codes such as Z_DATA_ERROR. */
const isDamage = (error: unknown): boolean => /^Z_/.test((error as NodeJS.ErrnoException)?.code ?? "");
