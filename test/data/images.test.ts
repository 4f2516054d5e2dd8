import { describe, expect, test } from "vitest";
import { augmentation } from "../../src/data/augment.ts";
import { subset } from "../../src/data/dataset.ts";
import { type Images, imageDataset, imagesToTensors, selectImages } from "../../src/data/images.ts";
import { Random } from "../../src/random.ts";

/** Three images of 2×3 pixels in two channels, every byte its own place. */
const images: Images = {
  pixels: Uint8Array.from({ length: 36 }, (_, i) => 7 * i),
  labels: Uint8Array.of(1, 0, 3),
  count: 3,
  height: 2,
  width: 3,
  channels: 2,
  classes: ["a", "b", "c", "d"],
};

test("images become floats in [0, 1] and one-hot rows", () => {
  const { x, y } = imagesToTensors(images);
  expect([x.shape, y.shape]).toEqual([
    [3, 2, 3, 2],
    [3, 4],
  ]);
  expect(x.data[5]).toBe(Math.fround(35 / 255));
  expect([...y.data]).toEqual([0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1]);
});

test("some of them, in another order, as tensors, as images and as a data set", () => {
  const rows = [2, 0, 2];
  const expected = imagesToTensors(images, rows);
  expect([...expected.x.data.subarray(0, 12)]).toEqual([...imagesToTensors(images).x.data.subarray(24)]);
  expect(imagesToTensors(selectImages(images, rows))).toEqual(expected);
  expect(imageDataset(images).take(rows)).toEqual(expected);
  const two = subset(imageDataset(images), [0, 2]);
  expect([two.rows, two.take([1, 0, 1])]).toEqual([2, expected]);
  expect(() => subset(imageDataset(images), [0, 3])).toThrow("gmnm: there is no row 3 in a data set of 3 rows");
});

describe("augmentation", () => {
  const { x } = imagesToTensors(images);
  const repeated = imagesToTensors(images, new Array(400).fill(0)).x;

  test("happens in training only, and by the seed", () => {
    const data = imageDataset(images, { augment: { padding: 2, flip: true } });
    const rows = Array.from({ length: 50 }, (_, i) => i % 3);
    expect(data.take(rows)).toEqual(imagesToTensors(images, rows));
    const first = data.take(rows, new Random(1));
    expect(first).toEqual(data.take(rows, new Random(1)));
    expect(first.x.data).not.toEqual(data.take(rows, new Random(2)).x.data);
    expect(first.y).toEqual(imagesToTensors(images, rows).y);
  });

  test("without padding and flips changes nothing", () => {
    expect(augmentation({})(x, new Random(0)).data).toEqual(x.data);
  });

  test("flips half of the images, columns only", () => {
    const { data } = augmentation({ flip: true })(repeated, new Random(3));
    const pixel = (row: number, column: number) => [
      ...x.data.subarray((row * 3 + column) * 2, (row * 3 + column + 1) * 2),
    ];
    const mirrored = [0, 1].flatMap((row) => [2, 1, 0].flatMap((column) => pixel(row, column)));
    const found = Array.from({ length: 400 }, (_, i) => [...data.subarray(12 * i, 12 * i + 12)].join());
    expect(new Set(found)).toEqual(new Set([mirrored.join(), [...x.data.subarray(0, 12)].join()]));
    const flipped = found.filter((image) => image === mirrored.join()).length;
    expect(flipped).toBeGreaterThan(150);
    expect(flipped).toBeLessThan(250);
  });

  test("moves images by up to the padding in both directions, with zeros around them", () => {
    const bright = { ...repeated, data: repeated.data.map(() => 1) };
    const { data } = augmentation({ padding: 1 })(bright, new Random(4));
    const found = new Set(Array.from({ length: 400 }, (_, i) => [...data.subarray(12 * i, 12 * i + 12)].join("")));
    const rows = (visible: readonly [number, number], columns: readonly [number, number]) =>
      visible
        .map((row) => [columns[0], 1, columns[1]].map((column) => String(row * column).repeat(2)).join(""))
        .join("");
    const shifts = [
      [1, 1],
      [0, 1],
      [1, 0],
    ] as const;
    expect(found).toEqual(new Set(shifts.flatMap((down) => shifts.map((right) => rows(down, right)))));
  });

  test.each([
    [{ padding: -1 }, "padding of augment must be a whole number of at least 0, got -1"],
    [{ flips: true }, 'augment has no option "flips"; it has padding, flip'],
  ])("%j is refused", (augment, sentence) => {
    expect(() => imageDataset(images, { augment: augment as object })).toThrow(`gmnm: ${sentence}`);
  });
});
