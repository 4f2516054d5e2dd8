import { existsSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeCifar, readCifar10, readCifar100 } from "../../src/data/cifar.ts";
import { GmnmError } from "../../src/errors.ts";
import { folderOf, realData, whySkipped } from "./folder.ts";

const PIXELS = 3072;
const classes = Array.from({ length: 10 }, (_, i) => `class ${i}`);
const names = `${classes.join("\n")}\n`;
const loose = { check: false };

/** Records with these labels; plane c of image i is filled with 100 c + i, and its pixel p = 33 is one more. */
function records(...labels: number[][]): Uint8Array {
  return Uint8Array.from(
    labels.flatMap((bytes, i) => [
      ...bytes,
      ...Array.from({ length: PIXELS }, (_, j) => 100 * Math.floor(j / 1024) + i + Number(j % 1024 === 33)),
    ]),
  );
}

test("planes of red, green and blue become pixels of three channels", () => {
  const { pixels, labels, ...sizes } = decodeCifar(records([3], [0]), "f", { classes });
  expect(sizes).toEqual({ count: 2, height: 32, width: 32, channels: 3, classes });
  expect(labels).toEqual(Uint8Array.of(3, 0));
  const at = (i: number, row: number, column: number) => [
    ...pixels.subarray(((i * 32 + row) * 32 + column) * 3).subarray(0, 3),
  ];
  expect([at(0, 0, 0), at(0, 1, 1), at(1, 31, 31)]).toEqual([
    [0, 100, 200],
    [1, 101, 201],
    [1, 101, 201],
  ]);
});

test("CIFAR-10 is read from the folder itself, or from the one its archive makes", () => {
  const batches = Object.fromEntries([1, 2, 3, 4, 5].map((i) => [`data_batch_${i}.bin`, records([i], [0])]));
  const files = { ...batches, "test_batch.bin": records([9]), "batches.meta.txt": `${names}\n` };
  const inner = Object.fromEntries(Object.entries(files).map(([name, b]) => [`cifar-10-batches-bin/${name}`, b]));
  for (const folder of [folderOf(files), folderOf(inner)]) {
    const { train, test, isSubset } = readCifar10(folder, loose);
    expect([...train.labels]).toEqual([1, 0, 2, 0, 3, 0, 4, 0, 5, 0]);
    expect([train.count, train.pixels.length, test.count, isSubset]).toEqual([10, 10 * PIXELS, 1, false]);
    expect(train.pixels[7 * PIXELS]).toBe(1); // the second image of the fourth batch
  }
  expect(() => readCifar10(folderOf(files))).toThrow(
    /data_batch_1\.bin has 6146 bytes, which do not make 10000 records of 3073 bytes/,
  );
  const { "test_batch.bin": _, ...without } = files;
  expect(() => readCifar10(folderOf(without), loose)).toThrow(/cannot read .*test_batch\.bin: no such file/);
});

test("CIFAR-100 has fine and coarse labels", () => {
  const lines = (count: number) => Array.from({ length: count }, (_, i) => `name ${i}`).join("\n");
  const folder = folderOf({
    "train.bin": records([19, 99], [0, 1]),
    "test.bin": records([2, 3]),
    "fine_label_names.txt": lines(100),
    "coarse_label_names.txt": lines(20),
  });
  expect([...readCifar100(folder, loose).train.labels]).toEqual([99, 1]);
  expect([...readCifar100(folder, { labels: "coarse", ...loose }).train.labels]).toEqual([19, 0]);
  expect(readCifar100(folder, loose).test.pixels[0]).toBe(0);
  expect(() => readCifar100(folder)).toThrow(
    /train\.bin has 6148 bytes, which do not make 50000 records of 3074 bytes/,
  );
});

test.each([
  [
    "a record cut off",
    records([1], [2]).subarray(0, 6000),
    "f has 6000 bytes, which do not make a whole number of records of 3073 bytes",
  ],
  ["nothing", new Uint8Array(0), "f has 0 bytes, which do not make a whole number of records"],
  ["a label of no class", records([1], [10]), "f: image 1 (counted from 0) has label 10, and there are 10 classes"],
])("%s is refused", (_, bytes, sentence) => {
  expect(() => decodeCifar(bytes, "f", { classes })).toThrow(`gmnm: ${sentence}`);
});

test("a list of classes that is too short or too long is refused", () => {
  const files = { "data_batch_1_first4000.bin": records([1]) };
  expect(() => readCifar10(folderOf({ ...files, "batches.meta.txt": "cat\ndog\n" }), loose)).toThrow(
    /batches\.meta\.txt names 2 classes, and there should be 10/,
  );
});

test("files of random bytes are read or refused", () => {
  const bytes = fc
    .tuple(fc.nat(3), fc.nat(3073), fc.nat(255))
    .map(([whole, rest, fill]) => new Uint8Array(whole * 3073 + rest).fill(fill));
  fc.assert(
    fc.property(bytes, (file) => {
      try {
        const { count, labels } = decodeCifar(file, "f", { classes });
        expect(count * 3073).toBe(file.length);
        expect(labels.every((label) => label < 10)).toBe(true);
      } catch (error) {
        expect(error).toBeInstanceOf(GmnmError);
      }
    }),
  );
});

const folder = realData && join(realData, "cifar-10");
const there = folder !== undefined && existsSync(join(folder, "data_batch_1_first4000.bin"));
test.skipIf(!there)(`the first 4,000 images are split 3,000 to 1,000, and only they${whySkipped(there)}`, () => {
  const { train, test, isSubset } = readCifar10(folder!);
  expect([train.count, test.count, isSubset]).toEqual([3000, 1000, true]);
  const counts = new Array(10).fill(0);
  for (const label of [...train.labels, ...test.labels]) counts[label]++;
  expect(counts).toEqual([396, 366, 420, 384, 422, 393, 414, 385, 407, 413]);
  expect(train.classes[train.labels[0]]).toBe("frog");
  const other = folderOf({ "data_batch_1_first4000.bin": records([1]), "batches.meta.txt": names });
  expect(() => readCifar10(other)).toThrow(
    /first4000\.bin is not the file that was published: SHA-256 .*, expected 0993cf8b/,
  );
});
