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
  let read = 0;
  const counted = async function* (pieces: AsyncIterable<Uint8Array>) {
    for await (const piece of pieces) {
      read += piece.length;
      yield piece;
      onProgress?.(read, Math.max(read, size));
    }
  };
  const take = async (pieces: AsyncIterable<Uint8Array>) => {
    for await (const piece of pieces) reader.push(piece);
  };
  try {
    const about = await stat(path);
    if (about.isDirectory()) throw new GmnmError(`cannot read ${path}: it is a folder`);
    size = about.size;
    const isPacked = await beginsWith(path, [0x1f, 0x8b]);
    const file = createReadStream(path, { highWaterMark: PIECE });
    if (isPacked) await pipeline(file, counted, createGunzip({ chunkSize: PIECE }), take);
    else await pipeline(file, counted, take);
  } catch (error) {
    throw isDamage(error)
      ? new GmnmError(`${path} is not a whole gzip file: its ${size} bytes are cut off or damaged`, { cause: error })
      : fileError("read", path, error);
  }
  return reader.end();
}

async function beginsWith(path: string, magic: readonly number[]): Promise<boolean> {
  for await (const piece of createReadStream(path, { end: magic.length - 1 })) {
    return magic.every((byte, i) => piece[i] === byte);
  }
  return false;
}

/** Errors of zlib have codes such as Z_DATA_ERROR. */
const isDamage = (error: unknown): boolean => /^Z_/.test((error as NodeJS.ErrnoException)?.code ?? "");
