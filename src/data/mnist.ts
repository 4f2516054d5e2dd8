import { join } from "node:path";
import { GmnmError } from "../errors.ts";
import { showShape } from "../tensor.ts";
import { type ReadOptions, readDataFile } from "./file.ts";
import { decodeIdx } from "./idx.ts";
import type { Images } from "./images.ts";
import { knownFile } from "./known.ts";

const DIGITS = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
const CLOTHES = [
  "T-shirt/top",
  "trouser",
  "pullover",
  "dress",
  "coat",
  "sandal",
  "shirt",
  "sneaker",
  "bag",
  "ankle boot",
];

/**
 * MNIST from a folder with its four IDX files, gzipped or not: 60,000 images to train on and 10,000 to test on, 28×28 in one channel.
 * Y. LeCun, C. Cortes, C. J. C. Burges.
 *
 * @example
 * ```ts
 * const { train, test } = readMnist("data/mnist");
 * ```
 * @throws GmnmError, one sentence that names the file, when one is missing, damaged, or not the one that was published.
 */
export const readMnist = (folder: string, options: ReadOptions = {}): { train: Images; test: Images } =>
  readIdxImages("mnist", folder, DIGITS, options);

/** Fashion-MNIST, which has MNIST's format and sizes, see {@link readMnist}. H. Xiao, K. Rasul, R. Vollgraf, arXiv:1708.07747. */
export const readFashionMnist = (folder: string, options: ReadOptions = {}): { train: Images; test: Images } =>
  readIdxImages("fashion-mnist", folder, CLOTHES, options);

function readIdxImages(name: string, folder: string, classes: readonly string[], { check = true }: ReadOptions) {
  const read = (file: string) => {
    const { bytes, path } = readDataFile(join(folder, file), check ? knownFile(name, file) : undefined);
    return { path, ...decodeIdx(bytes, path) };
  };
  const part = (prefix: string): Images => {
    const images = read(`${prefix}-images-idx3-ubyte`);
    const labels = read(`${prefix}-labels-idx1-ubyte`);
    if (images.shape.length !== 3) {
      throw new GmnmError(
        `${images.path} should hold images of shape (count, height, width), not ${showShape(images.shape)}`,
      );
    }
    const [count, height, width] = images.shape;
    if (labels.shape.length !== 1 || labels.shape[0] !== count) {
      throw new GmnmError(
        `${labels.path} holds labels of shape ${showShape(labels.shape)}, but ${images.path} has ${count} images`,
      );
    }
    const stranger = labels.data.findIndex((label) => label >= classes.length);
    if (stranger >= 0) {
      throw new GmnmError(
        `${labels.path}: label ${stranger} (counted from 0) is ${labels.data[stranger]}, and there are ${classes.length} classes`,
      );
    }
    return { pixels: images.data, labels: labels.data, count, height, width, channels: 1, classes };
  };
  return { train: part("train"), test: part("t10k") };
}
