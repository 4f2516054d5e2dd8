// The IDX format of MNIST, http://yann.lecun.com/exdb/mnist/: two zeros, the type of the numbers, how many sides, each side as a big-endian
// 32-bit number, then the numbers.
import { GmnmError } from "../errors.ts";
import { showShape, sizeOf } from "../tensor.ts";

const UNSIGNED_BYTE = 0x08;
const MAX_SIDES = 8;

/** What an IDX file of bytes holds: numbers with a shape, row-major. */
export type Idx = { readonly shape: readonly number[]; readonly data: Uint8Array };

/**
 * Reads an IDX file of unsigned bytes. The declared sides are compared with the bytes that are there before anything is made of them.
 *
 * @param source - the name of the file, for messages.
 * @throws GmnmError when the bytes are not such a file.
 */
export function decodeIdx(bytes: Uint8Array, source: string): Idx {
  const fail = (problem: string) => new GmnmError(`${source} is not a whole IDX file: ${problem}`);
  if (bytes.length < 4) throw fail(`it has ${bytes.length} bytes, and the header alone has at least 4`);
  const [zero, alsoZero, type, sides] = bytes;
  if (zero !== 0 || alsoZero !== 0 || sides === 0 || sides > MAX_SIDES) {
    const magic = [...bytes.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    throw fail(`it begins with ${magic}, not with 00 00, a type and a number of sides up to ${MAX_SIDES}`);
  }
  if (type !== UNSIGNED_BYTE) {
    throw new GmnmError(`${source} holds numbers of type 0x${type.toString(16)}; only unsigned bytes (0x8) are read`);
  }
  const start = 4 + 4 * sides;
  if (bytes.length < start) throw fail(`a header of ${sides} sides has ${start} bytes, but there are ${bytes.length}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const shape = Array.from({ length: sides }, (_, i) => view.getUint32(4 + 4 * i));
  const declared = sizeOf(shape);
  if (declared !== bytes.length - start) {
    throw fail(
      `its shape ${showShape(shape)} makes ${declared} bytes, but ${bytes.length - start} follow the header of ${start}`,
    );
  }
  return { shape, data: bytes.subarray(start) };
}
