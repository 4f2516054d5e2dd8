import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { GmnmError } from "../errors.ts";
import { fileError } from "../io/file-errors.ts";
import type { Hashes, KnownFile } from "./known.ts";

/** Options of the readers of data sets. */
export type ReadOptions = {
  /** Whether files must be those that were published, as far as their hashes are known. Default true. */
  check?: boolean;
};

/** Files are read whole. No data set here is larger, and a few kilobytes of gzip may unpack to anything. */
const MAX_BYTES = 2 ** 28;

/**
 * The bytes of a data file; of FILE.gz, unpacked, where FILE is not there.
 *
 * @param known - what the file should be, to compare it with.
 * @returns the bytes, and the path they came from, for messages.
 * @throws GmnmError when neither can be read, or when it is not the known file.
 */
export function readDataFile(path: string, known?: KnownFile): { bytes: Uint8Array; path: string } {
  const packed = !existsSync(path) && existsSync(`${path}.gz`);
  const found = packed ? `${path}.gz` : path;
  let bytes: Uint8Array;
  try {
    const { size } = statSync(found);
    if (size > MAX_BYTES) throw new GmnmError(`cannot read ${found}: it has ${size} bytes, more than ${MAX_BYTES}`);
    bytes = readFileSync(found);
  } catch (error) {
    throw fileError("read", found, error);
  }
  const contents = packed ? unpack(found, bytes) : bytes;
  if (known) checkHashes(found, hashesContents(known) ? contents : bytes, comparableHashes(known, packed));
  // As plain bytes: a Buffer's slice is not a copy.
  return { bytes: new Uint8Array(contents.buffer, contents.byteOffset, contents.length), path: found };
}

/** The folder itself, or the one in it that an official archive unpacks into. */
export const unpackedFolder = (folder: string, inner: string | undefined): string =>
  inner !== undefined && existsSync(join(folder, inner)) ? join(folder, inner) : folder;

/** A gzip file may have been packed anew: the hash of what is in it says more than its own. */
const hashesContents = (known: KnownFile): boolean => !known.name.endsWith(".gz") || known.unpacked !== undefined;

/** The hashes a file can be compared with, as it lies there; none for the unpacked form of what was only hashed packed. */
export function comparableHashes(known: KnownFile, packed: boolean): Hashes {
  if (hashesContents(known)) return known.unpacked ?? known;
  return packed ? known : {};
}

/** The contents of a gzip file. */
export function unpack(path: string, bytes: Uint8Array): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: MAX_BYTES });
  } catch (cause) {
    const tooLarge = (cause as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE";
    const problem = tooLarge ? `makes more than ${MAX_BYTES} bytes when unpacked` : "is not a whole gzip file";
    throw new GmnmError(`${path} ${problem}: its ${bytes.length} bytes are cut off or damaged`, { cause });
  }
}

/**
 * Compares bytes with what was published.
 *
 * @throws GmnmError, one sentence with the path and both hashes, when they differ.
 */
export function checkHashes(path: string, bytes: Uint8Array, hashes: Hashes = {}): void {
  for (const [algorithm, name] of [
    ["sha256", "SHA-256"],
    ["md5", "MD5"],
  ] as const) {
    const expected = hashes[algorithm];
    if (expected === undefined) continue;
    const found = createHash(algorithm).update(bytes).digest("hex");
    if (found !== expected) {
      throw new GmnmError(`${path} is not the file that was published: ${name} ${found}, expected ${expected}`);
    }
  }
}
