import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { GmnmError } from "../../src/errors.ts";
import { decodeExactly, decodeSafetensors, encodeSafetensors } from "../../src/io/safetensors.ts";
import { type Tensor, tensor } from "../../src/tensor.ts";

/** A safetensors file made by hand: any header, any data. */
function file(header: unknown, data: ArrayLike<number> = []): Uint8Array {
  const json = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  bytes.set(data, 8 + json.length);
  return bytes;
}

/** What reading ends in: "read", or the sentence of a GmnmError. Any other error fails the test. */
function outcome(bytes: Uint8Array): string {
  try {
    decodeSafetensors(bytes, "a.safetensors");
    return "read";
  } catch (error) {
    if (!(error instanceof GmnmError)) throw error;
    expect(error.message).toMatch(/^gmnm: a\.safetensors: [^\n]{1,400}$/);
    return error.message;
  }
}

describe("format", () => {
  test("bytes are exactly those of the specification", () => {
    const bytes = encodeSafetensors([["w", tensor([1, -2], [2, 1])]], { a: "b" });
    const json = '{"__metadata__":{"a":"b"},"w":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]}}';
    const padded = json.padEnd(Math.ceil(json.length / 8) * 8);
    expect(bytes).toEqual(file(padded, [0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0]));
    expect(bytes.length % 8).toBe(0);
  });

  test("reads what the reference implementation writes, every dtype", () => {
    const { tensors, metadata } = decodeSafetensors(
      readFileSync(new URL("fixtures/dtypes.safetensors", import.meta.url)),
    );
    const values = tensor([0.5, -1.25, 3, 0, 1e3, -2], [2, 3]);
    for (const name of ["F64", "F32", "F16", "BF16"]) expect(tensors.get(name)).toEqual(values);
    expect(tensors.get("scalar")).toEqual(tensor([7], []));
    expect(tensors.get("empty")).toEqual(tensor([], [0, 3]));
    expect(metadata).toEqual({ "made by": "safetensors" });
  });

  test("reads bytes that lie anywhere in a buffer", () => {
    const bytes = encodeSafetensors([["w", tensor([1, 2, 3], [3])]]);
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    expect(decodeSafetensors(shifted.subarray(3)).tensors.get("w")).toEqual(tensor([1, 2, 3], [3]));
  });

  test("what is written is read back, 200 files", () => {
    const shape = fc.array(fc.nat(4), { maxLength: 4 });
    const anyTensor = shape.chain((sides) => {
      const length = sides.reduce((a, b) => a * b, 1);
      return fc.float32Array({ minLength: length, maxLength: length }).map((data): Tensor => tensor(data, sides));
    });
    const name = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom("__proto__", "constructor", "toJSON", "0", ""),
    );
    const content = fc.record({
      tensors: fc.uniqueArray(fc.tuple(name, anyTensor), { selector: ([key]) => key, maxLength: 6 }),
      metadata: fc.dictionary(fc.string(), fc.string()),
    });
    fc.assert(
      fc.property(content, ({ tensors, metadata }) => {
        const read = decodeSafetensors(encodeSafetensors(tensors, metadata));
        expect(read.tensors).toEqual(new Map(tensors));
        expect(Object.entries(read.metadata)).toEqual(Object.entries(metadata));
      }),
      { numRuns: 200 },
    );
  });

  test("float64 numbers are kept in full by the exact reader, and rounded by the other", () => {
    const numbers = { data: Float64Array.of(1 / 3, Number.NaN, -0, 5e-324, -Infinity), shape: [5] };
    const bytes = encodeSafetensors([
      ["single", tensor([0.1], [1])],
      ["double", numbers],
    ]);
    const { tensors } = decodeExactly(bytes);
    expect(tensors.get("double")).toEqual(numbers);
    expect(tensors.get("single")).toEqual(tensor([0.1], [1]));
    expect(decodeSafetensors(bytes).tensors.get("double")!.data[0]).toBe(Math.fround(1 / 3));
    const reference = readFileSync(new URL("fixtures/dtypes.safetensors", import.meta.url));
    expect(decodeExactly(reference).tensors.get("F64")!.data).toEqual(Float64Array.of(0.5, -1.25, 3, 0, 1e3, -2));
  });

  test("does not write what could not be read", () => {
    const w = tensor([1, 2], [2]);
    expect(() =>
      encodeSafetensors([
        ["w", w],
        ["w", w],
      ]),
    ).toThrow('gmnm: cannot write two tensors named "w" into one file');
    expect(() => encodeSafetensors([["__metadata__", w]])).toThrow("two tensors named");
    expect(() => encodeSafetensors([["w", { data: w.data, shape: [3] }]])).toThrow(
      'gmnm: tensor "w" of shape (3) cannot hold 2 numbers',
    );
  });
});

describe("hostile files", () => {
  const entry = { dtype: "F32", shape: [2], data_offsets: [0, 8] };
  const withEntry = (change: object) => file({ w: { ...entry, ...change } }, new Uint8Array(8));
  const length = (declared: bigint) => {
    const bytes = file({});
    new DataView(bytes.buffer).setBigUint64(0, declared, true);
    return bytes;
  };

  test.each<[string, Uint8Array, string]>([
    ["no bytes", new Uint8Array(), "has at least 8 bytes, got 0"],
    ["seven bytes", new Uint8Array(7), "has at least 8 bytes, got 7"],
    ["an empty header", new Uint8Array(8), "the header of 0 bytes is not JSON"],
    ["a header longer than the file", length(3n), "should be 3 bytes long, but 2 follow"],
    ["a header of 2^64 − 1 bytes", length(2n ** 64n - 1n), "should be 18446744073709551615 bytes long"],
    ["a header over the limit", length(100_000_001n), "should be 100000001 bytes long"],
    ["a header that is not JSON", file("{"), "the header of 1 bytes is not JSON"],
    ["a header that is not UTF-8", length(2n).fill(0xff, 8), "is not JSON"],
    ["a list as header", file([]), "the header must be a JSON object"],
    ["null as header", file("null"), "the header must be a JSON object"],
    ["metadata that is not text", file({ __metadata__: { a: 1 } }), "must be texts by name"],
    ["metadata that is a list", file({ __metadata__: [] }), "must be texts by name"],
    ["an entry that is a number", file({ w: 1 }), 'tensor "w" must be described by an object'],
    ["an unknown dtype", withEntry({ dtype: "F8" }), 'must be of dtype F64, F32, F16, BF16, got "F8"'],
    ["a dtype from the prototype", withEntry({ dtype: "constructor" }), 'got "constructor"'],
    ["a dtype that is a list", withEntry({ dtype: ["F32"] }), "got object"],
    ["a shape that is a number", withEntry({ shape: 2 }), "must have a shape of whole numbers"],
    ["a negative side", withEntry({ shape: [-2] }), "must have a shape of whole numbers"],
    ["half a side", withEntry({ shape: [0.5, 4] }), "must have a shape of whole numbers"],
    [
      "an infinite side",
      file('{"w":{"dtype":"F32","shape":[1e999],"data_offsets":[0,8]}}'),
      "must have a shape of whole numbers",
    ],
    ["a product over 2^53", withEntry({ shape: [2 ** 30, 2 ** 30] }), "more than any file"],
    [
      "a product that overflows to NaN",
      withEntry({ shape: [...new Array(60).fill(2 ** 52), 0] }),
      "more than any file",
    ],
    ["1e308 as an offset", withEntry({ data_offsets: [0, 1e308] }), "two whole numbers as data_offsets"],
    ["a huge offset", withEntry({ data_offsets: [0, 2 ** 52] }), "ends at byte 4503599627370496, but only 8"],
    ["a negative offset", withEntry({ data_offsets: [-8, 0] }), "two whole numbers as data_offsets"],
    [
      "reversed offsets",
      withEntry({ data_offsets: [8, 0] }),
      "needs 8 bytes for its shape, but its data_offsets span -8",
    ],
    ["three offsets", withEntry({ data_offsets: [0, 8, 8] }), "two whole numbers as data_offsets"],
    [
      "offsets of another length",
      withEntry({ shape: [1] }),
      "needs 4 bytes for its shape, but its data_offsets span 8",
    ],
    [
      "overlapping tensors",
      file({ a: entry, b: entry }, new Uint8Array(8)),
      'tensor "b" overlaps the tensor before it: it begins at byte 0, not 8',
    ],
    [
      "a hole",
      file({ w: { ...entry, data_offsets: [4, 12] } }, new Uint8Array(12)),
      "leaves a hole before it: it begins at byte 4, not 0",
    ],
    ["bytes at the end", file({ w: entry }, new Uint8Array(9)), "the tensors take 8 bytes, but 9 follow the header"],
    ["a very long name", file({ ["w".repeat(1e5)]: 1 }), "must be described by an object"],
  ])("%s", (_, bytes, sentence) => {
    expect(outcome(bytes)).toContain(sentence);
  });

  test("names and metadata keys from the prototype are only names", () => {
    const bytes = file(
      '{"__metadata__":{"__proto__":"p"},"__proto__":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}',
      [0, 0, 128, 63],
    );
    const { tensors, metadata } = decodeSafetensors(bytes);
    expect([...tensors.keys()]).toEqual(["__proto__"]);
    expect(Object.entries(metadata)).toEqual([["__proto__", "p"]]);
    expect(Object.getPrototypeOf(metadata)).toBe(Object.prototype);
  });

  test("a header nested a million deep ends in one sentence", () => {
    outcome(file("[".repeat(1e6)));
    outcome(file(`{"w":${"[".repeat(1e5)}${"]".repeat(1e5)}}`));
    outcome(file(`{"w":{"dtype":"F32","data_offsets":[0,0],"shape":${"[".repeat(1e5)}${"]".repeat(1e5)}}}`));
  });

  const valid = encodeSafetensors(
    [
      ["a", tensor([1, 2, 3, 4], [2, 2])],
      ["b", tensor([5], [])],
    ],
    { format: "gmnm" },
  );

  test(`each of the ${valid.length} truncations is refused`, () => {
    for (let length = 0; length < valid.length; length++) expect(outcome(valid.slice(0, length))).not.toBe("read");
  });

  test(`each of the ${valid.length * 8} single bit flips is read or refused`, () => {
    for (let bit = 0; bit < valid.length * 8; bit++) {
      const damaged = valid.slice();
      damaged[bit >> 3] ^= 1 << (bit & 7);
      outcome(damaged);
    }
  });

  test("2000 files of random bytes, 2000 of random JSON and 2000 of nearly right headers are read or refused", () => {
    const numRuns = { numRuns: 2000 };
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void outcome(bytes)),
      numRuns,
    );
    fc.assert(
      fc.property(fc.json(), fc.uint8Array(), (json, data) => void outcome(file(json, data))),
      numRuns,
    );
    const number = fc.oneof(fc.integer({ min: -1, max: 40 }), fc.maxSafeInteger(), fc.double());
    const nearly = fc.dictionary(
      fc.oneof(fc.string(), fc.constantFrom("__proto__", "__metadata__")),
      fc.record({
        dtype: fc.oneof(fc.constantFrom("F32", "F64", "F16", "BF16", "I8"), fc.jsonValue()),
        shape: fc.oneof(fc.array(number), fc.jsonValue()),
        data_offsets: fc.oneof(fc.tuple(number, number), fc.jsonValue()),
      }),
    );
    const data = fc.uint8Array({ maxLength: 100 });
    fc.assert(
      fc.property(nearly, data, (header, bytes) => void outcome(file(header, bytes))),
      numRuns,
    );
  });
});
