import * as v from "valibot";
import { amount, checkOptions } from "../nn/options.ts";
import type { Random } from "../random.ts";
import { sizeOf, type Tensor } from "../tensor.ts";

/** How images change from epoch to epoch. */
export type AugmentOptions = {
  /** Pixels of zeros around an image, out of which a window of its own size is cut at random. 4 is usual for CIFAR. Default 0. */
  padding?: number;
  /** Mirrors every second image, at random, left to right: not for digits. Default false. */
  flip?: boolean;
};

const schema = v.strictObject({ padding: v.optional(amount, 0), flip: v.optional(v.boolean(), false) });

/**
 * Random crops and flips, (n, height, width, channels) → the same; by a seed, drawn for each image of each batch anew. The scheme of
 * K. He et al., arXiv:1512.03385, section 4.2.
 *
 * @throws GmnmError for options it does not have.
 */
export function augmentation(options: AugmentOptions): (images: Tensor, random: Random) => Tensor {
  const { padding, flip } = checkOptions("augment", schema, options);
  return ({ data, shape }, random) => {
    const [count, height, width, channels] = shape;
    const moved = new Float32Array(sizeOf(shape));
    for (let i = 0; i < count; i++) {
      const down = random.integer(2 * padding + 1) - padding;
      const right = random.integer(2 * padding + 1) - padding;
      const mirrored = flip && random.integer(2) === 1;
      for (let row = 0; row < height; row++) {
        const fromRow = row + down;
        if (fromRow < 0 || fromRow >= height) continue;
        for (let column = 0; column < width; column++) {
          const fromColumn = (mirrored ? width - 1 - column : column) + right;
          if (fromColumn < 0 || fromColumn >= width) continue;
          const from = ((i * height + fromRow) * width + fromColumn) * channels;
          const to = ((i * height + row) * width + column) * channels;
          for (let c = 0; c < channels; c++) moved[to + c] = data[from + c];
        }
      }
    }
    return { data: moved, shape };
  };
}
