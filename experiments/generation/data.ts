import { existsSync } from "node:fs";
import { join } from "node:path";
import { glyphImages } from "../../src/data/glyphs.ts";
import { type Images, imagesToTensors } from "../../src/data/images.ts";
import { knownDatasets } from "../../src/data/known.ts";
import { readMnist } from "../../src/data/mnist.ts";
import type { Random } from "../../src/random.ts";
import type { Tensor } from "../../src/tensor.ts";
import { remember } from "../shared/remember.ts";

export const PIXELS = 28 * 28;
/** The share of the training images that validates: 2000 of MNIST's. */
const HELD_OUT = 1 / 30;
/** As many test images are compared with as many images made up. */
const TESTED = 5000;
/** Generated images: enough for a quick look. */
const [GENERATED_TRAIN, GENERATED_TEST] = [6000, 1000];

const folderOf = (data: string): string => join(data, knownDatasets.mnist.folder);

/** True when MNIST lies in a data folder. */
export const hasMnist = (data: string | undefined): data is string => data !== undefined && existsSync(folderOf(data));

export const imagesName = (data: string | undefined): string => (hasMnist(data) ? "MNIST" : "glyphs");

/** The kind of model that a task trains, such as "VAE" of "MNIST VAE". */
export const kindOf = (task: string) => task.split(" ")[1] as "VAE" | "diffusion";

/** Rows of pixels in [0, 1], (images, 784), and labels one-hot. */
export type Rows = { x: Tensor; y: Tensor };
export type ImageSplits = { train: Images; validation: Rows; test: Rows };

/** MNIST, or digits drawn by code; the last of the training images validate. */
export const imageSplits = remember(
  (data: string | undefined): ImageSplits => split(hasMnist(data) ? readMnist(folderOf(data)) : generated()),
);

const generated = () => ({
  train: glyphImages({ count: GENERATED_TRAIN, seed: 1, noise: 0 }),
  test: glyphImages({ count: GENERATED_TEST, seed: 2, noise: 0 }),
});

function split({ train, test }: { train: Images; test: Images }): ImageSplits {
  const held = Math.round(HELD_OUT * train.count);
  const count = train.count - held;
  return {
    train: {
      ...train,
      count,
      pixels: train.pixels.subarray(0, count * PIXELS),
      labels: train.labels.subarray(0, count),
    },
    validation: rowsOf(
      train,
      Array.from({ length: held }, (_, i) => count + i),
    ),
    test: rowsOf(
      test,
      Array.from({ length: Math.min(test.count, TESTED) }, (_, i) => i),
    ),
  };
}

/** So many training images, taken at random. */
export const trainingRows = (train: Images, count: number, random: Random): Rows =>
  rowsOf(train, random.permutation(train.count).subarray(0, count));

function rowsOf(images: Images, rows: ArrayLike<number>): Rows {
  const { x, y } = imagesToTensors(images, rows);
  return { x: { data: x.data, shape: [rows.length, PIXELS] }, y };
}
