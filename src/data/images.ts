import type { Random } from "../random.ts";
import type { Tensor } from "../tensor.ts";
import { type AugmentOptions, augmentation } from "./augment.ts";
import type { ExampleDataset } from "./dataset.ts";

/** Labelled images as bytes: pixels (count, height, width, channels), labels (count), each an index into `classes`. */
export type Images = {
  readonly pixels: Uint8Array;
  readonly labels: Uint8Array;
  readonly count: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly classes: readonly string[];
};

/**
 * Images as floats: x (n, height, width, channels) in [0, 1], y (n, classes) one-hot.
 *
 * @param rows - which images, default all.
 * @example
 * ```ts
 * const { train } = readMnist("data/mnist");
 * const { x, y } = imagesToTensors(train, [0, 1, 2]); // (3, 28, 28, 1) and (3, 10)
 * ```
 */
export function imagesToTensors(images: Images, rows?: ArrayLike<number>): { x: Tensor; y: Tensor } {
  const { pixels, labels, count, height, width, channels, classes } = images;
  const size = height * width * channels;
  const n = rows?.length ?? count;
  const x = new Float32Array(n * size);
  const y = new Float32Array(n * classes.length);
  for (let i = 0; i < n; i++) {
    const image = rows ? rows[i] : i;
    for (let j = 0; j < size; j++) x[i * size + j] = pixels[image * size + j] / 255;
    y[i * classes.length + labels[image]] = 1;
  }
  return { x: { data: x, shape: [n, height, width, channels] }, y: { data: y, shape: [n, classes.length] } };
}

/** The images with the given indices, copied. */
export function selectImages(images: Images, rows: ArrayLike<number>): Images {
  const size = images.height * images.width * images.channels;
  const pixels = new Uint8Array(rows.length * size);
  const labels = new Uint8Array(rows.length);
  for (let i = 0; i < rows.length; i++) {
    pixels.set(images.pixels.subarray(rows[i] * size, (rows[i] + 1) * size), i * size);
    labels[i] = images.labels[rows[i]];
  }
  return { ...images, pixels, labels, count: rows.length };
}

/**
 * Images as a data set for `fit`: bytes in memory, floats per batch, see {@link imagesToTensors}. In training, and only there, they are
 * augmented as asked.
 *
 * @example
 * ```ts
 * const { train, test } = readCifar10("data/cifar-10");
 * const { model } = await fit(cnn, imageDataset(train, { augment: { padding: 4, flip: true } }), { loss: crossEntropy });
 * const scores = await evaluate(model, imageDataset(test), { metrics: { accuracy } });
 * ```
 */
export function imageDataset(images: Images, { augment }: { augment?: AugmentOptions } = {}): ExampleDataset {
  const change = augment && augmentation(augment);
  return {
    rows: images.count,
    take(rows: ArrayLike<number>, random?: Random) {
      const { x, y } = imagesToTensors(images, rows);
      return { x: change && random ? change(x, random) : x, y };
    },
  };
}
