// The binary versions of CIFAR, https://www.cs.toronto.edu/~kriz/cifar.html: records of one or two labels and 3 planes of 32×32 bytes.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { GmnmError } from "../errors.ts";
import { range } from "./dataset.ts";
import { type ReadOptions, readDataFile, unpackedFolder } from "./file.ts";
import { type Images, selectImages } from "./images.ts";
import { knownFile } from "./known.ts";

const SIDE = 32;
const PLANE = SIDE * SIDE;
const CHANNELS = 3;
const BATCH = 10000;
/** The first 4,000 training images, for machines without the rest: the first 3,000 to train on, the others to test on. Our choice. */
const SUBSET = { name: "data_batch_1_first4000.bin", train: 3000 };

/** CIFAR as images to train on and to test on. */
export type Cifar = {
  train: Images;
  test: Images;
  /** True when these are only the first 4,000 training images: a table should say so. */
  isSubset: boolean;
};

/**
 * CIFAR-10 from a folder with the files of its binary version: 50,000 images to train on, 10,000 to test on, 32×32 in three channels.
 * Where only `data_batch_1_first4000.bin` is there, its first 3,000 images to train on and its last 1,000 to test on. A. Krizhevsky (2009).
 *
 * @example
 * ```ts
 * const { train, test, isSubset } = readCifar10("data/cifar-10");
 * ```
 * @throws GmnmError, one sentence that names the file, when one is missing, cut off, or has a label there is no class for.
 */
export function readCifar10(folder: string, { check = true }: ReadOptions = {}): Cifar {
  const from = unpackedFolder(folder, "cifar-10-batches-bin");
  const classes = readNames(join(from, "batches.meta.txt"), 10);
  const subset = join(from, SUBSET.name);
  if (existsSync(subset) && !existsSync(join(from, "data_batch_1.bin"))) {
    const { bytes, path } = readDataFile(subset, check ? knownFile("cifar-10", SUBSET.name) : undefined);
    const images = decodeCifar(bytes, path, { classes });
    const [train, test] = [range(0, SUBSET.train), range(SUBSET.train, images.count)];
    return { train: selectImages(images, train), test: selectImages(images, test), isSubset: true };
  }
  const read = (name: string) => {
    const { bytes, path } = readDataFile(join(from, name));
    return decodeCifar(bytes, path, { classes, count: check ? BATCH : undefined });
  };
  const train = [1, 2, 3, 4, 5].map((i) => read(`data_batch_${i}.bin`));
  return { train: joinImages(train), test: read("test_batch.bin"), isSubset: false };
}

/**
 * CIFAR-100 from a folder with the files of its binary version, labelled by its 100 classes or its 20 superclasses ("coarse").
 *
 * @example
 * ```ts
 * const { train, test } = readCifar100("data/cifar-100", { labels: "coarse" });
 * ```
 * @throws GmnmError as {@link readCifar10} does.
 */
export function readCifar100(
  folder: string,
  { check = true, labels = "fine" }: ReadOptions & { labels?: "fine" | "coarse" } = {},
): Cifar {
  const from = unpackedFolder(folder, "cifar-100-binary");
  const classes = readNames(join(from, `${labels}_label_names.txt`), labels === "fine" ? 100 : 20);
  const read = (name: string, count: number) => {
    const { bytes, path } = readDataFile(join(from, name));
    const layout = { classes, labelBytes: 2, labelAt: labels === "fine" ? 1 : 0, count: check ? count : undefined };
    return decodeCifar(bytes, path, layout);
  };
  return { train: read("train.bin", 5 * BATCH), test: read("test.bin", BATCH), isSubset: false };
}

/** How a record begins, and how many there should be. */
export type CifarLayout = { classes: readonly string[]; labelBytes?: number; labelAt?: number; count?: number };

/**
 * Reads records of labels and planes of red, green and blue; pixels become (count, 32, 32, 3).
 *
 * @param source - the name of the file, for messages.
 */
export function decodeCifar(bytes: Uint8Array, source: string, layout: CifarLayout): Images {
  const { classes, labelBytes = 1, labelAt = 0, count: expected } = layout;
  const record = labelBytes + CHANNELS * PLANE;
  const count = bytes.length / record;
  if (!Number.isInteger(count) || count === 0 || count !== (expected ?? count)) {
    const wanted = expected === undefined ? "a whole number of records" : `${expected} records`;
    throw new GmnmError(`${source} has ${bytes.length} bytes, which do not make ${wanted} of ${record} bytes`);
  }
  const pixels = new Uint8Array(count * CHANNELS * PLANE);
  const labels = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    const label = bytes[i * record + labelAt];
    if (label >= classes.length) {
      throw new GmnmError(
        `${source}: image ${i} (counted from 0) has label ${label}, and there are ${classes.length} classes`,
      );
    }
    labels[i] = label;
    const image = i * record + labelBytes;
    for (let c = 0; c < CHANNELS; c++) {
      for (let p = 0; p < PLANE; p++) pixels[(i * PLANE + p) * CHANNELS + c] = bytes[image + c * PLANE + p];
    }
  }
  return { pixels, labels, count, height: SIDE, width: SIDE, channels: CHANNELS, classes };
}

function readNames(file: string, count: number): string[] {
  const { bytes, path } = readDataFile(file);
  const names = new TextDecoder()
    .decode(bytes)
    .split("\n")
    .map((line) => line.trim());
  const classes = names.filter((name) => name !== "");
  if (classes.length !== count)
    throw new GmnmError(`${path} names ${classes.length} classes, and there should be ${count}`);
  return classes;
}

function joinImages(parts: readonly Images[]): Images {
  const count = parts.reduce((sum, part) => sum + part.count, 0);
  const pixels = new Uint8Array(parts.reduce((sum, part) => sum + part.pixels.length, 0));
  const labels = new Uint8Array(count);
  let at = 0;
  for (const part of parts) {
    pixels.set(part.pixels, (at * pixels.length) / count);
    labels.set(part.labels, at);
    at += part.count;
  }
  return { ...parts[0], pixels, labels, count };
}
