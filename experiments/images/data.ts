import { existsSync } from "node:fs";
import { join } from "node:path";
import { range } from "../../src/data/dataset.ts";
import {
  type AugmentOptions,
  type ExampleDataset,
  glyphImages,
  type Images,
  imageDataset,
  readCifar10,
  readMnist,
  selectImages,
} from "../../src/data/index.ts";
import { Random } from "../../src/random.ts";
import { remember } from "../shared/remember.ts";

/** Images of a task, and what kind of network learns them. */
export type ImageTask = { train: Images; test: Images; network: "MLP" | "CNN"; augment?: AugmentOptions };

type Source = { read: (data: string) => { train: Images; test: Images }; augment?: AugmentOptions };

const CROP_AND_FLIP = { padding: 4, flip: true };
const SOURCES: Record<string, Source> = {
  MNIST: { read: (data) => readMnist(join(data, "mnist")) },
  "CIFAR-10": { read: (data) => readCifar10(join(data, "cifar-10")), augment: CROP_AND_FLIP },
  "CIFAR-10 subset": { read: (data) => readCifar10(join(data, "cifar-10")), augment: CROP_AND_FLIP },
  Glyphs: {
    read: () => ({ train: glyphImages({ count: 12000, seed: 1 }), test: glyphImages({ count: 2000, seed: 2 }) }),
  },
};

/** True when MNIST lies in a data folder. */
export const hasMnist = (data: string | undefined): data is string =>
  data !== undefined && existsSync(join(data, "mnist"));

/** The tasks there are files for; without any, those on generated glyphs. */
export function taskNames(data: string | undefined): string[] {
  if (!hasMnist(data)) return ["Glyphs MLP", "Glyphs CNN"];
  const cifar = join(data, "cifar-10");
  const names = ["MNIST MLP", "MNIST CNN"];
  if (!existsSync(cifar)) return names;
  const whole = [cifar, join(cifar, "cifar-10-batches-bin")].some((at) => existsSync(join(at, "data_batch_1.bin")));
  return [...names, whole ? "CIFAR-10 CNN" : "CIFAR-10 subset CNN"];
}

const readImages = remember((name: string, data: string | undefined) => SOURCES[name].read(data ?? ""));

/** @throws GmnmError when a file is not the one it should be. */
export function readTask(task: string, data: string | undefined): ImageTask {
  const [, name, network] = /^(.*) (MLP|CNN)$/.exec(task)!;
  return { ...readImages(name, data), network: network as ImageTask["network"], augment: SOURCES[name].augment };
}

/** The largest number of training images that are held out while a setting is chosen. */
const HELD_OUT = 5000;

/** What a setting is tried on, and what chooses it: the last sixth of the training images, at most 5000. */
export function holdOut(train: Images): { train: Images; validation: Images } {
  const kept = train.count - Math.min(HELD_OUT, Math.floor(train.count / 6));
  return {
    train: selectImages(train, range(0, kept)),
    validation: selectImages(train, range(kept, train.count)),
  };
}

/** Mean and standard deviation of all numbers of the images, of which every tenth is looked at; in units of [0, 1]. */
export function scaleOf({ pixels }: Images): { mean: number; spread: number } {
  let [sum, squares, count] = [0, 0, 0];
  for (let i = 0; i < pixels.length; i += 10) {
    sum += pixels[i] / 255;
    squares += (pixels[i] / 255) ** 2;
    count++;
  }
  return { mean: sum / count, spread: Math.sqrt(squares / count - (sum / count) ** 2) };
}

/** Images as a data set with numbers of mean 0 and variance 1 over the training images, all numbers alike. */
export function standardised(
  images: Images,
  { mean, spread }: { mean: number; spread: number },
  augment?: AugmentOptions,
): ExampleDataset {
  const dataset = imageDataset(images, { augment });
  return {
    rows: dataset.rows,
    take(rows, random) {
      const { x, y } = dataset.take(rows, random);
      for (let i = 0; i < x.data.length; i++) x.data[i] = (x.data[i] - mean) / spread;
      return { x, y };
    },
  };
}

/**
 * A data set whose epochs are so many rows long, whatever the number of images, so that losses are recorded often enough for a curve. Training
 * draws the images in random order by the seed, none a second time before all were drawn.
 */
export function inEpochsOf(rows: number, dataset: ExampleDataset, seed: number): ExampleDataset {
  const random = new Random(seed);
  let order: Uint32Array = new Uint32Array();
  const draw = (count: number): number[] =>
    Array.from({ length: count }, () => {
      if (order.length === 0) order = random.permutation(dataset.rows);
      const [row] = order;
      order = order.subarray(1);
      return row;
    });
  return {
    rows,
    take: (wanted, noise) =>
      noise
        ? dataset.take(draw(wanted.length), noise)
        : dataset.take(Uint32Array.from(wanted, (row) => row % dataset.rows)),
  };
}
