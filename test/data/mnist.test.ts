import { existsSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { readFashionMnist, readMnist } from "../../src/data/mnist.ts";
import { encodeIdx, folderOf, realData, whySkipped } from "./folder.ts";

const files = {
  "train-images-idx3-ubyte": encodeIdx([3, 2, 2], [0, 51, 102, 255, 1, 2, 3, 4, 5, 6, 7, 8]),
  "train-labels-idx1-ubyte": encodeIdx([3], [7, 0, 9]),
  "t10k-images-idx3-ubyte": encodeIdx([1, 2, 2], [9, 9, 9, 9]),
  "t10k-labels-idx1-ubyte": encodeIdx([1], [1]),
};
const loose = { check: false };

describe("a folder of MNIST's layout", () => {
  test("is read gzipped or not", () => {
    const packed = Object.entries(files).map(([name, bytes]) => [`${name}.gz`, gzipSync(bytes)]);
    for (const folder of [folderOf(files), folderOf(Object.fromEntries(packed))]) {
      const { train, test } = readMnist(folder, loose);
      expect(train).toMatchObject({ count: 3, height: 2, width: 2, channels: 1 });
      expect(train.labels).toEqual(Uint8Array.of(7, 0, 9));
      expect(train.pixels.subarray(0, 4)).toEqual(Uint8Array.of(0, 51, 102, 255));
      expect(test.count).toBe(1);
      expect(test.classes[test.labels[0]]).toBe("1");
    }
    expect(readFashionMnist(folderOf(files), loose).train.classes[9]).toBe("ankle boot");
  });

  const withFile = (name: string, bytes: Uint8Array) => folderOf({ ...files, [name]: bytes });
  test.each([
    [
      "fewer labels than images",
      "train-labels-idx1-ubyte",
      encodeIdx([2], [7, 0]),
      /train-labels-idx1-ubyte holds labels of shape \(2\), but .*train-images-idx3-ubyte has 3 images/,
    ],
    [
      "a label of no class",
      "train-labels-idx1-ubyte",
      encodeIdx([3], [7, 10, 9]),
      /train-labels-idx1-ubyte: label 1 \(counted from 0\) is 10, and there are 10 classes/,
    ],
    [
      "images without rows",
      "train-images-idx3-ubyte",
      encodeIdx([3, 4], new Array(12).fill(0)),
      /should hold images of shape \(count, height, width\), not \(3, 4\)/,
    ],
    [
      "a cut file",
      "t10k-images-idx3-ubyte",
      files["t10k-images-idx3-ubyte"].subarray(0, 19),
      /t10k-images-idx3-ubyte is not a whole IDX file: its shape \(1, 2, 2\) makes 4 bytes, but 3 follow/,
    ],
  ])("%s: refused, naming the file and the numbers", (_, name, bytes, sentence) => {
    expect(() => readMnist(withFile(name, bytes), loose)).toThrow(sentence);
  });

  test("a missing file, a folder in its place, and gzip that is cut off", () => {
    const { "t10k-labels-idx1-ubyte": labels, ...rest } = files;
    expect(() => readMnist(folderOf(rest), loose)).toThrow(/cannot read .*t10k-labels-idx1-ubyte: no such file/);
    expect(() => readMnist(folderOf({ ...rest, "t10k-labels-idx1-ubyte/x": "" }), loose)).toThrow(/it is a folder/);
    const cut = gzipSync(labels).subarray(0, 20);
    expect(() => readMnist(folderOf({ ...rest, "t10k-labels-idx1-ubyte.gz": cut }), loose)).toThrow(
      /t10k-labels-idx1-ubyte\.gz is not a whole gzip file: its 20 bytes are cut off or damaged/,
    );
  });

  test("gzip that would fill the memory", () => {
    const million = gzipSync(new Uint8Array(2 ** 22)); // 64 of them unpack to more than any data set has
    const bomb = Buffer.concat(Array.from({ length: 65 }, () => million));
    const { "train-images-idx3-ubyte": _, ...rest } = files;
    expect(() => readMnist(folderOf({ ...rest, "train-images-idx3-ubyte.gz": bomb }), loose)).toThrow(
      /train-images-idx3-ubyte\.gz makes more than 268435456 bytes when unpacked: its \d+ bytes/,
    );
  });

  test("other contents than were published, gzipped or not, by their hash", () => {
    expect(() => readMnist(folderOf(files))).toThrow(
      /train-images-idx3-ubyte is not the file that was published: SHA-256 [0-9a-f]{64}, expected ba891046/,
    );
    const packed = folderOf({ "train-images-idx3-ubyte.gz": gzipSync(files["train-images-idx3-ubyte"]) });
    expect(() => readMnist(packed)).toThrow(
      /\.gz is not the file that was published: SHA-256 [0-9a-f]{64}, expected ba89/,
    );
    // Of Fashion-MNIST only the MD5 of the packed files was published.
    expect(() => readFashionMnist(packed)).toThrow(
      /not the file that was published: MD5 [0-9a-f]{32}, expected 8d4fb7e6/,
    );
  });
});

const folder = realData && join(realData, "mnist");
const there = folder !== undefined && existsSync(folder);
test.skipIf(!there)(`MNIST is 60,000 and 10,000 digits${whySkipped(there)}`, () => {
  const { train, test } = readMnist(folder!);
  expect([train.count, test.count, train.height, train.width]).toEqual([60000, 10000, 28, 28]);
  const counts = new Array(10).fill(0);
  for (const label of train.labels) counts[label]++;
  expect(counts).toEqual([5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]);
});
