import { existsSync } from "node:fs";
import { join } from "node:path";
import { type ExampleDataset, range, subset } from "../../src/data/dataset.ts";
import { glyphImages, imageDataset, readMnist, windows } from "../../src/data/index.ts";
import { hasSeries, readSplits, seriesName } from "../forecast/data.ts";
import { remember } from "../shared/remember.ts";

/** A task's examples: of images (28, 28, 1) and classes, or of series and their futures. */
export type Parts = { train: ExampleDataset; validation: ExampleDataset; test: ExampleDataset };

export const LOOKBACK = 336;
export const HORIZON = 96;
/** Training images of a full run; the last of them choose. */
const IMAGES = 22_000;
const VALIDATION_IMAGES = 2000;

const folderIn = (data: string): string => join(data, "mnist");

/** True when MNIST lies in a data folder. */
export const hasImages = (data: string | undefined): data is string =>
  data !== undefined && existsSync(join(folderIn(data), "train-images-idx3-ubyte.gz"));

/** Names of the tasks there are: with the real data, or with generated ones. */
export const taskNames = (data: string | undefined): string[] => [
  hasImages(data) ? "MNIST patches" : "generated patches",
  `${seriesName(data)} ${HORIZON}`,
];

export const hasAll = (data: string | undefined): boolean => hasImages(data) && hasSeries(data);

export const isImages = (task: string): boolean => task.endsWith("patches");

/** @throws GmnmError when a file is not the one it should be. */
export const readParts = remember((task: string, data: string | undefined): Parts => {
  const real = task.startsWith("generated") ? undefined : data;
  return isImages(task) ? imageParts(real) : seriesParts(real);
});

function imageParts(data: string | undefined): Parts {
  const { train, test } = data
    ? readMnist(folderIn(data))
    : { train: glyphImages({ count: IMAGES, seed: 1 }), test: glyphImages({ count: 4000, seed: 2 }) };
  const images = imageDataset(train);
  return {
    train: subset(images, range(0, IMAGES - VALIDATION_IMAGES)),
    validation: subset(images, range(IMAGES - VALIDATION_IMAGES, IMAGES)),
    test: imageDataset(test),
  };
}

function seriesParts(data: string | undefined): Parts {
  const { train, validation, test } = readSplits(data, LOOKBACK);
  const cut = (part: typeof train) => windows(part, { lookback: LOOKBACK, horizon: HORIZON });
  return { train: cut(train), validation: cut(validation), test: cut(test) };
}
