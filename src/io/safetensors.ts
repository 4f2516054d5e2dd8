// The safetensors format, https://github.com/huggingface/safetensors: a u64 length, a JSON header, the numbers. Our own reader, because
// that of @jax-js/loaders checks neither offsets nor shapes, and a file may come from anyone.
import { GmnmError, quote } from "../errors.ts";
import { type ExactTensor, showShape, sizeOf, type Tensor } from "../tensor.ts";

/** What a safetensors file holds. */
export type Safetensors = { tensors: Map<string, Tensor>; metadata: Record<string, string> };

const METADATA = "__metadata__";
/** The reference implementation's limit on the header, in bytes. */
const MAX_HEADER = 100_000_000;

/** Per dtype the bytes of one number, and the conversion of whole numbers' worth of bytes, at an aligned address. */
const DTYPES: Record<string, { size: number; read: (buffer: ArrayBuffer) => Float32Array<ArrayBuffer> }> = {
  F64: { size: 8, read: (buffer) => Float32Array.from(new Float64Array(buffer)) },
  F32: { size: 4, read: (buffer) => new Float32Array(buffer) },
  F16: { size: 2, read: (buffer) => Float32Array.from(new Float16Array(buffer)) },
  // bfloat16 is the upper half of a float32.
  BF16: {
    size: 2,
    read: (buffer) => new Float32Array(Uint32Array.from(new Uint16Array(buffer), (half) => half << 16).buffer),
  },
};

/**
 * Writes float32 (or float64) tensors, in the given order, and text metadata as safetensors bytes. The numbers begin at a multiple of 8 bytes.
 *
 * @example
 * ```ts
 * const bytes = encodeSafetensors([["weights", tensor([1, 2], [2])]], { author: "me" });
 * ```
 * @throws GmnmError when two tensors have the same name, or a tensor does not fit its shape.
 */
export function encodeSafetensors(
  tensors: Iterable<readonly [name: string, ExactTensor]>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const header = new Map<string, unknown>([[METADATA, metadata]]);
  const blocks: Uint8Array[] = [];
  let length = 0;
  for (const [name, { data, shape }] of tensors) {
    if (header.has(name)) throw new GmnmError(`cannot write two tensors named ${quote(name)} into one file`);
    if (sizeOf(shape) !== data.length) {
      throw new GmnmError(`tensor ${quote(name)} of shape ${showShape(shape)} cannot hold ${data.length} numbers`);
    }
    blocks.push(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    const dtype = data instanceof Float64Array ? "F64" : "F32";
    header.set(name, { dtype, shape, data_offsets: [length, length + data.byteLength] });
    length += data.byteLength;
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  let at = 8 + Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(at + length).fill(0x20, 8, at); // the format pads its header with spaces
  new DataView(bytes.buffer).setBigUint64(0, BigInt(at - 8), true);
  bytes.set(json, 8);
  for (const block of blocks) {
    bytes.set(block, at);
    at += block.length;
  }
  return bytes;
}

/**
 * Reads safetensors bytes; F64, F32, F16 and BF16 numbers become float32. Everything the header declares is checked against the bytes
 * that are there before it is used, so that a damaged or hostile file costs no memory and ends in one sentence.
 *
 * @param source - the name of the file, for messages.
 * @throws GmnmError when the bytes are not a well-formed safetensors file.
 */
export function decodeSafetensors(bytes: Uint8Array, source = "safetensors"): Safetensors {
  return decode(bytes, source, (dtype, buffer) => DTYPES[dtype].read(buffer));
}

/** The same with F64 numbers in full, for what has to go on exactly from where it was. */
export function decodeExactly(
  bytes: Uint8Array,
  source = "safetensors",
): { tensors: Map<string, ExactTensor>; metadata: Record<string, string> } {
  return decode(bytes, source, (dtype, buffer) =>
    dtype === "F64" ? new Float64Array(buffer) : DTYPES[dtype].read(buffer),
  );
}

/** Checks the header and reads every tensor, one after the other. */
function decode<N>(bytes: Uint8Array, source: string, read: (dtype: string, buffer: ArrayBuffer) => N) {
  const { header, start } = readHeader(bytes, source);
  const { [METADATA]: metadata = {}, ...entries } = header;
  if (!isRecord(metadata) || !Object.values(metadata).every((value) => typeof value === "string")) {
    throw new GmnmError(`${source}: the metadata in the header must be texts by name`);
  }
  const blocks = Object.entries(entries).map(([name, entry]) => checkEntry(name, entry, bytes.length - start, source));
  checkCoverage(blocks, bytes.length - start, source);
  const tensors = blocks.map(({ name, dtype, shape, begin, end }) => {
    const { buffer } = new Uint8Array(bytes.subarray(start + begin, start + end)); // a copy begins at an aligned address
    return [name, { data: read(dtype, buffer), shape }] as const;
  });
  return { tensors: new Map(tensors), metadata: { ...(metadata as Record<string, string>) } };
}

type Block = { name: string; dtype: string; shape: number[]; begin: number; end: number };

/** The JSON header, and where the numbers start. */
function readHeader(bytes: Uint8Array, source: string): { header: Record<string, unknown>; start: number } {
  if (bytes.length < 8) throw new GmnmError(`${source}: a safetensors file has at least 8 bytes, got ${bytes.length}`);
  const declared = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  if (declared > MAX_HEADER || Number(declared) > bytes.length - 8) {
    throw new GmnmError(
      `${source}: the header should be ${declared} bytes long, but ${bytes.length - 8} follow; not a safetensors file, or cut off`,
    );
  }
  const start = 8 + Number(declared);
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(8, start)));
  } catch (cause) {
    throw new GmnmError(`${source}: the header of ${declared} bytes is not JSON`, { cause });
  }
  if (!isRecord(header)) throw new GmnmError(`${source}: the header must be a JSON object`);
  return { header, start };
}

/** One tensor's entry in the header, checked against itself and against the number of bytes that follow the header. */
function checkEntry(name: string, entry: unknown, available: number, source: string): Block {
  const fail = (problem: string) => new GmnmError(`${source}: tensor ${quote(name)} ${problem}`);
  if (!isRecord(entry)) throw fail("must be described by an object");
  const { dtype, shape, data_offsets: offsets } = entry;
  if (typeof dtype !== "string" || !Object.hasOwn(DTYPES, dtype)) {
    throw fail(`must be of dtype ${Object.keys(DTYPES).join(", ")}, got ${quote(dtype)}`);
  }
  if (!isCounts(shape)) throw fail("must have a shape of whole numbers of at least 0");
  const length = sizeOf(shape) * DTYPES[dtype].size;
  if (!Number.isSafeInteger(length)) throw fail(`has a shape of ${length} bytes, more than any file`);
  if (!isCounts(offsets) || offsets.length !== 2) throw fail("must have two whole numbers as data_offsets");
  const [begin, end] = offsets;
  if (end > available) throw fail(`ends at byte ${end}, but only ${available} bytes follow the header`);
  if (end - begin !== length)
    throw fail(`needs ${length} bytes for its shape, but its data_offsets span ${end - begin}`);
  return { name, dtype, shape, begin, end };
}

/** Every byte after the header must belong to exactly one tensor: what no tensor owns could hide anything. */
function checkCoverage(blocks: readonly Block[], available: number, source: string): void {
  let covered = 0;
  for (const { name, begin, end } of blocks.toSorted((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== covered) {
      const problem = begin < covered ? "overlaps the tensor before it" : "leaves a hole before it";
      throw new GmnmError(`${source}: tensor ${quote(name)} ${problem}: it begins at byte ${begin}, not ${covered}`);
    }
    covered = end;
  }
  if (covered !== available) {
    throw new GmnmError(`${source}: the tensors take ${covered} bytes, but ${available} follow the header`);
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isCounts = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((side) => Number.isSafeInteger(side) && side >= 0);
