// Digits drawn by code, for machines without MNIST: strokes, bent, moved by an affine map, drawn with a round pen, with noise over them. All
// of it is our choice. Tables that use them say "generated".
import * as v from "valibot";
import { checkOptions, count as counting, share } from "../nn/options.ts";
import { Random } from "../random.ts";
import type { Images } from "./images.ts";

/** Options of {@link glyphImages}. */
export type GlyphOptions = {
  count: number;
  /** Default 0. */
  seed?: number;
  /** Height and width in pixels. Default 28. */
  size?: number;
  /** Standard deviation of the noise, where 1 is the way from black to white. Default 0.25, which makes the task harder. */
  noise?: number;
};

const schema = v.strictObject({
  count: counting,
  seed: v.optional(v.number(), 0),
  size: v.optional(counting, 28),
  noise: v.optional(share, 0.25),
});

type Point = readonly [x: number, y: number];
type Stroke = readonly Point[];

/** Part of an ellipse around (x, y), angles in degrees, clockwise from the right. */
const arc = (x: number, y: number, width: number, height: number, from = 0, to = 360): Stroke =>
  Array.from({ length: 17 }, (_, i): Point => {
    const angle = ((from + ((to - from) * i) / 16) * Math.PI) / 180;
    return [x + width * Math.cos(angle), y + height * Math.sin(angle)];
  });

/** The strokes of each digit in the unit square, y downwards. */
const DIGITS: readonly (readonly Stroke[])[] = [
  [arc(0.5, 0.5, 0.3, 0.42)],
  [
    [
      [0.34, 0.26],
      [0.54, 0.08],
      [0.54, 0.92],
    ],
  ],
  [[...arc(0.48, 0.32, 0.27, 0.24, -170, 30), [0.22, 0.92], [0.8, 0.92]]],
  [[...arc(0.45, 0.28, 0.27, 0.2, -140, 90), ...arc(0.45, 0.7, 0.31, 0.22, -90, 145)]],
  [
    [
      [0.62, 0.92],
      [0.62, 0.08],
      [0.2, 0.64],
      [0.84, 0.64],
    ],
  ],
  [[[0.76, 0.08], [0.32, 0.08], [0.28, 0.46], ...arc(0.47, 0.66, 0.3, 0.26, -125, 145)]],
  [[[0.68, 0.08], [0.42, 0.28], ...arc(0.5, 0.68, 0.26, 0.24, -180, 180)]],
  [
    [
      [0.2, 0.1],
      [0.8, 0.1],
      [0.42, 0.92],
    ],
  ],
  [arc(0.5, 0.28, 0.22, 0.2), arc(0.5, 0.7, 0.28, 0.22)],
  [[...arc(0.5, 0.32, 0.26, 0.24, 0, -360), [0.74, 0.5], [0.58, 0.92]]],
];

/**
 * Generated images of the digits 0 to 9, in equal numbers and random order: pixels (count, size, size, 1), by the seed.
 *
 * @example
 * ```ts
 * const train = glyphImages({ count: 10_000, seed: 1 });
 * const test = glyphImages({ count: 2_000, seed: 2 });
 * ```
 * @throws GmnmError for options it does not have.
 */
export function glyphImages(options: GlyphOptions): Images {
  const { count, seed, size, noise } = checkOptions("glyphImages", schema, options);
  const random = new Random(seed);
  const labels = Uint8Array.from(random.permutation(count), (i) => i % DIGITS.length);
  const pixels = new Uint8Array(count * size * size);
  labels.forEach((label, i) => {
    const image = draw(DIGITS[label].map(distortion(random, size)), size, (size / 28) * random.uniform(0.8, 1.8));
    image.forEach((ink, j) => {
      const value = ink + (noise === 0 ? 0 : noise * random.gaussian());
      pixels[i * size * size + j] = Math.round(255 * Math.min(1, Math.max(0, value)));
    });
  });
  const classes = DIGITS.map((_, digit) => String(digit));
  return { pixels, labels, count, height: size, width: size, channels: 1, classes };
}

/** A random map from the unit square to pixels: a bend, then a rotation, a shear, a scale and a shift. */
function distortion(random: Random, size: number): (stroke: Stroke) => Stroke {
  const bends = [0, 1].map(() => ({ by: 0.06 * random.gaussian(), at: random.uniform(0, 2 * Math.PI) }));
  const angle = 0.2 * random.gaussian();
  const shear = 0.2 * random.gaussian();
  const [width, height] = [random.uniform(0.5, 0.8), random.uniform(0.6, 0.8)];
  const [right, down] = [random.uniform(-0.1, 0.1), random.uniform(-0.1, 0.1)];
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const bend = (to: number, along: number, { by, at }: { by: number; at: number }) =>
    to + by * Math.sin(5 * along + at);
  return (stroke) =>
    stroke.map(([x, y]): Point => {
      const u = width * (bend(x, y, bends[0]) - 0.5);
      const w = height * (bend(y, x, bends[1]) - 0.5);
      const s = u + shear * w;
      return [size * (0.5 + right + cos * s - sin * w), size * (0.5 + down + sin * s + cos * w)];
    });
}

/** The ink, 0 … 1, that a round pen of this radius leaves on each pixel; edges fall off over one pixel. */
function draw(strokes: readonly Stroke[], size: number, radius: number): Float32Array {
  const image = new Float32Array(size * size);
  const reach = radius + 0.5;
  for (const stroke of strokes) {
    for (let i = 1; i < stroke.length; i++) {
      const [[ax, ay], [bx, by]] = [stroke[i - 1], stroke[i]];
      const squared = (bx - ax) ** 2 + (by - ay) ** 2;
      const [left, right] = [Math.floor(Math.min(ax, bx) - reach), Math.ceil(Math.max(ax, bx) + reach)];
      const [top, bottom] = [Math.floor(Math.min(ay, by) - reach), Math.ceil(Math.max(ay, by) + reach)];
      for (let row = Math.max(0, top); row < Math.min(size, bottom); row++) {
        for (let column = Math.max(0, left); column < Math.min(size, right); column++) {
          const [x, y] = [column + 0.5 - ax, row + 0.5 - ay];
          const along = squared === 0 ? 0 : Math.min(1, Math.max(0, (x * (bx - ax) + y * (by - ay)) / squared));
          const distance = Math.sqrt((x - along * (bx - ax)) ** 2 + (y - along * (by - ay)) ** 2);
          const ink = Math.min(1, Math.max(0, reach - distance));
          const pixel = row * size + column;
          if (ink > image[pixel]) image[pixel] = ink;
        }
      }
    }
  }
  return image;
}
