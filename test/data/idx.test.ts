import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeIdx } from "../../src/data/idx.ts";
import { GmnmError } from "../../src/errors.ts";
import { encodeIdx } from "./folder.ts";

test("shape and numbers are read as they were written, from anywhere in a buffer", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 4 }),
      fc.nat(9),
      (shape, offset) => {
        const data = Uint8Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => (i * 37) % 256);
        const bytes = encodeIdx(shape, data);
        const inside = new Uint8Array(offset + bytes.length);
        inside.set(bytes, offset);
        const read = decodeIdx(inside.subarray(offset), "file");
        expect([read.shape, [...read.data]]).toEqual([shape, [...data]]);
      },
    ),
  );
});

const whole = encodeIdx([2, 3], [1, 2, 3, 4, 5, 6]);

test.each([
  ["nothing", new Uint8Array(0), "f is not a whole IDX file: it has 0 bytes, and the header alone has at least 4"],
  [
    "gzip",
    Uint8Array.of(0x1f, 0x8b, 8, 0, 1),
    "f is not a whole IDX file: it begins with 1f 8b 08 00, not with 00 00, a type and a number of sides up to 8",
  ],
  ["floats", encodeIdx([1], [1], 0x0d), "f holds numbers of type 0xd; only unsigned bytes (0x8) are read"],
  [
    "a cut header",
    whole.subarray(0, 11),
    "f is not a whole IDX file: a header of 2 sides has 12 bytes, but there are 11",
  ],
  [
    "a cut end",
    whole.subarray(0, 17),
    "f is not a whole IDX file: its shape (2, 3) makes 6 bytes, but 5 follow the header of 12",
  ],
  ["a byte too many", encodeIdx([2, 3], [1, 2, 3, 4, 5, 6, 7]), "its shape (2, 3) makes 6 bytes, but 7 follow"],
  [
    "huge sides",
    encodeIdx([2 ** 32 - 1, 2 ** 32 - 1, 2 ** 32 - 1], [1]),
    "f is not a whole IDX file: its shape (4294967295, 4294967295, 4294967295) makes 7.9228162458924105e+28 bytes, but 1 follow the header of 16",
  ],
])("%s is refused in one sentence", (_, bytes, sentence) => {
  expect(() => decodeIdx(bytes, "f")).toThrow(sentence);
  expect(() => decodeIdx(bytes, "f")).toThrow(GmnmError);
});

test("3000 files of random bytes, and of whole ones with a byte changed, are read or refused", () => {
  const header = fc.uint8Array({ maxLength: 24 }).map((tail) => Uint8Array.of(0, 0, 8, ...tail));
  const changed = fc.tuple(fc.nat(whole.length - 1), fc.nat(255)).map(([at, byte]) => whole.with(at, byte));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 64 }), header, changed), (bytes) => {
      try {
        const { shape, data } = decodeIdx(bytes, "f");
        expect(data.length).toBe(shape.reduce((a, b) => a * b));
      } catch (error) {
        expect(error).toBeInstanceOf(GmnmError);
        expect((error as Error).message).toMatch(/^gmnm: f [^\n]{10,300}$/);
      }
    }),
    { numRuns: 3000 },
  );
});
