// The tar format, POSIX.1-1988 (ustar): blocks of 512 bytes, a header and then the contents of each file. Nothing is written from here: the
// caller picks files by their whole names, so that no name in an archive can become a path.
import { GmnmError } from "../errors.ts";

const BLOCK = 512;

/** A regular file of an archive. */
export type TarFile = { name: string; contents: Uint8Array };

/**
 * The regular files of a tar archive; links, folders and extensions are passed over.
 *
 * @param source - the name of the archive, for messages.
 * @throws GmnmError for an archive that is damaged or cut off.
 */
export function* readTar(bytes: Uint8Array, source: string): Generator<TarFile> {
  let at = 0;
  for (;;) {
    const fail = (problem: string) => new GmnmError(`${source} is not a whole tar archive: ${problem}`);
    if (at + BLOCK > bytes.length) throw fail(`it ends at byte ${bytes.length} without a closing block`);
    const header = bytes.subarray(at, at + BLOCK);
    if (header.every((byte) => byte === 0)) return;
    const sum = header.reduce((total, byte, i) => total + (i >= 148 && i < 156 ? 0x20 : byte), 0);
    if (octal(header, 148, 8) !== sum) throw fail(`the header at byte ${at} does not have the sum it should have`);
    const size = octal(header, 124, 12);
    if (!Number.isSafeInteger(size)) throw fail(`the header at byte ${at} does not say how long its file is`);
    const start = at + BLOCK;
    if (start + size > bytes.length) {
      throw fail(`the file at byte ${start} should have ${size} bytes, and ${bytes.length - start} follow`);
    }
    const type = String.fromCharCode(header[156]);
    if (type === "0" || type === "\0") {
      const prefix = text(header, 257, 6) === "ustar" ? text(header, 345, 155) : "";
      const name = text(header, 0, 100);
      yield { name: prefix === "" ? name : `${prefix}/${name}`, contents: bytes.subarray(start, start + size) };
    }
    at = start + Math.ceil(size / BLOCK) * BLOCK;
  }
}

/** A field up to its first zero byte. */
function text(header: Uint8Array, from: number, length: number): string {
  const field = header.subarray(from, from + length);
  const end = field.indexOf(0);
  return new TextDecoder("latin1").decode(end < 0 ? field : field.subarray(0, end));
}

/** A number in octal digits; NaN for anything else. */
function octal(header: Uint8Array, from: number, length: number): number {
  const digits = text(header, from, length).trim();
  return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number.NaN;
}
