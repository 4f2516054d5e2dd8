// One suite for every reader of binary files: whatever the bytes are, they are read, or refused in one sentence that names the file, and
// no more memory is taken than they themselves could fill.
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeCifar } from "../src/data/cifar.ts";
import { unpack } from "../src/data/file.ts";
import { decodeIdx } from "../src/data/idx.ts";
import { readTar } from "../src/data/tar.ts";
import { GmnmError } from "../src/errors.ts";
import { decodeModel, encodeModel } from "../src/io/model-file.ts";
import { decodeExactly, decodeSafetensors, encodeSafetensors } from "../src/io/safetensors.ts";
import { linear } from "../src/nn/linear.ts";
import { tensor } from "../src/tensor.ts";
import { encodeIdx } from "./data/folder.ts";
import { encodeTar } from "./data/tar.ts";

type Reader = { read: (bytes: Uint8Array, source: string) => unknown; valid: Uint8Array };

const classes = Array.from({ length: 10 }, (_, i) => `class ${i}`);
const numbers = tensor([1, -2, 3, 0.5], [2, 2]);
const double = { data: Float64Array.of(1 / 3), shape: [1] };
const readers: Record<string, Reader> = {
  IDX: {
    read: decodeIdx,
    valid: encodeIdx(
      [3, 2, 2],
      Array.from({ length: 12 }, (_, i) => i),
    ),
  },
  "CIFAR-10": {
    read: (bytes, source) => decodeCifar(bytes, source, { classes }),
    valid: new Uint8Array(3073).fill(7),
  },
  "CIFAR-100": {
    read: (bytes, source) => decodeCifar(bytes, source, { classes, labelBytes: 2, labelAt: 1 }),
    valid: new Uint8Array(3074).fill(7),
  },
  tar: {
    read: (bytes, source) => [...readTar(bytes, source)],
    valid: encodeTar([
      ["folder/", new Uint8Array(0), "5"],
      ["folder/file", Uint8Array.of(1, 2, 3)],
    ]),
  },
  gzip: { read: (bytes, source) => unpack(source, bytes), valid: gzipSync("a text that is packed ".repeat(9)) },
  safetensors: {
    read: decodeSafetensors,
    valid: encodeSafetensors(
      [
        ["double", double],
        ["single", numbers],
      ],
      { a: "b" },
    ),
  },
  "safetensors, exactly": {
    read: decodeExactly,
    valid: encodeSafetensors([
      ["double", double],
      ["single", numbers],
    ]),
  },
  model: {
    read: (bytes, source) => decodeModel(bytes, { source }),
    valid: encodeModel({ layer: linear(2, 2), params: { weights: numbers, bias: tensor([0, 1], [2]) } }),
  },
};

let tried = 0;

/** Whether bytes are read; fails for an error that is no sentence, and for memory that they do not justify. */
function isRead({ read }: Reader, bytes: Uint8Array): boolean {
  tried++;
  const before = process.memoryUsage().arrayBuffers;
  try {
    read(bytes, "the-file");
    return true;
  } catch (error) {
    if (!(error instanceof GmnmError)) throw error;
    if (!/^gmnm: the-file[ :][^\n]{5,500}$/.test(error.message)) throw error;
    return false;
  } finally {
    const taken = process.memoryUsage().arrayBuffers - before;
    // A model may declare a million numbers before they are counted; gzip packs a thousand times at most.
    expect(taken).toBeLessThan(16e6 + 2000 * bytes.length);
  }
}

describe.each(Object.entries(readers))("%s", (name, reader) => {
  const { valid } = reader;

  test("a whole file is read; each truncation is refused", () => {
    expect(isRead(reader, valid)).toBe(true);
    for (let length = 0; length < valid.length; length++) {
      // An archive is over with its first empty block: the second may be missing.
      const whole = name === "tar" && length >= valid.length - 512;
      expect(isRead(reader, valid.slice(0, length))).toBe(whole);
    }
  });

  test("each byte set to 0, to 255, and with one bit changed", () => {
    for (let at = 0; at < valid.length; at++)
      for (const byte of [0, 255, valid[at] ^ (1 << (at % 8))]) isRead(reader, Uint8Array.from(valid).with(at, byte));
  });

  test("2000 files: random bytes, numbers of all sizes in the place of others, pieces left out, doubled and moved", () => {
    const place = fc.nat(valid.length);
    const random = fc.uint8Array({ maxLength: 600 });
    const number = fc
      .tuple(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.nat(64))
      .map(([value, bits]) => value >> BigInt(bits));
    const changed = fc.tuple(fc.nat(Math.max(0, valid.length - 8)), number, fc.boolean()).map(([at, value, little]) => {
      const bytes = Uint8Array.from(valid);
      new DataView(bytes.buffer).setBigUint64(at, value, little);
      return bytes;
    });
    const spliced = fc
      .tuple(place, place, random)
      .map(([from, to, piece]) =>
        Uint8Array.of(...valid.subarray(0, from), ...piece.subarray(0, 20), ...valid.subarray(to)),
      );
    const begun = fc.tuple(place, random).map(([length, rest]) => Uint8Array.of(...valid.subarray(0, length), ...rest));
    const run = (bytes: Uint8Array) => void isRead(reader, bytes);
    for (const arbitrary of [random, changed, spliced, begun]) fc.assert(fc.property(arbitrary, run), { numRuns: 500 });
  });
});

describe("a few bytes that declare terabytes take no memory", () => {
  const header = (json: string, length = BigInt(json.length)) => {
    const bytes = new Uint8Array(8 + json.length);
    new DataView(bytes.buffer).setBigUint64(0, length, true);
    bytes.set(new TextEncoder().encode(json), 8);
    return bytes;
  };
  const shape = (...sides: number[]) =>
    header(
      JSON.stringify({ w: { dtype: "F32", shape: sides, data_offsets: [0, 4 * sides.reduce((a, b) => a * b, 1)] } }),
    );
  const described = (config: object) =>
    encodeSafetensors([["w", tensor([1], [])]], { format: "gmnm", version: "1", config: JSON.stringify(config) });
  const tarSize = encodeTar([["file", new Uint8Array(0)]]).slice();
  tarSize.set(new TextEncoder().encode("77777777777"), 124);
  const sum = tarSize.subarray(0, 512).reduce((all, byte, i) => all + (i >= 148 && i < 156 ? 0x20 : byte), 0);
  tarSize.set(new TextEncoder().encode(sum.toString(8).padStart(6, "0")), 148);

  test.each<[string, string, Uint8Array]>([
    ["a header of terabytes", "safetensors", header("{}", 2n ** 43n)],
    ["a tensor of terabytes", "safetensors", shape(2 ** 41)],
    ["sides whose product is no number", "safetensors", shape(...new Array(40).fill(2 ** 50))],
    ["a tensor of terabytes", "safetensors, exactly", shape(2 ** 20, 2 ** 21)],
    ["a layer of terabytes", "model", described({ type: "linear", inFeatures: 1e6, outFeatures: 1e6 })],
    ["images of terabytes", "IDX", encodeIdx([2 ** 31, 2 ** 31, 4], [1])],
    ["a file of 8 gigabytes", "tar", tarSize],
  ])("%s, %s", (_, name, bytes) => {
    expect(isRead(readers[name], bytes)).toBe(false);
  });
});

test("names that climb out of a folder or touch the prototype stay names", () => {
  const names = ["../../etc/passwd", "/etc/passwd", "__proto__", "constructor", "a\\..\\b", "a\0b"];
  const archive = encodeTar(names.map((name) => [name, Uint8Array.of(1)]));
  // A zero byte ends a name in a tar header.
  expect(Array.from(readTar(archive, "f"), ({ name }) => name)).toEqual(names.with(-1, "a"));
  const file = encodeSafetensors(names.map((name) => [name, tensor([1], [1])]));
  expect([...decodeSafetensors(file).tensors.keys()]).toEqual(names);
  expect(({} as { data?: unknown }).data).toBeUndefined();
});

test("those were more than 50,000 files", () => {
  expect(tried).toBeGreaterThan(50_000);
  console.info(`${tried} files tried on ${Object.keys(readers).length} readers`);
});
