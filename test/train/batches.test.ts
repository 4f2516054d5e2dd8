import fc from "fast-check";
import { expect, test } from "vitest";
import { Random } from "../../src/random.ts";
import { tensor } from "../../src/tensor.ts";
import { rowsOf, shuffledBatches } from "../../src/train/batches.ts";

/** Rows 0 … n − 1: x holds (i, −i), y holds 10 i. */
const numbered = (rows: number) => ({
  x: tensor(Array.from({ length: rows }, (_, i) => [i, -i]).flat(), [rows, 2]),
  y: tensor(
    Array.from({ length: rows }, (_, i) => 10 * i),
    [rows, 1],
  ),
});

test("batches of one size hold different rows, and keep x and y together", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 60 }), fc.integer(), (rows, size, seed) => {
      fc.pre(size <= rows);
      const batches = [...shuffledBatches(numbered(rows), size, new Random(seed))];
      expect(batches).toHaveLength(Math.floor(rows / size));
      const seen = batches.flatMap(({ x, y }) => {
        expect([x.shape, y.shape]).toEqual([
          [size, 2],
          [size, 1],
        ]);
        y.data.forEach((value, i) => {
          expect([x.data[2 * i] * 10, -x.data[2 * i + 1] * 10]).toEqual([value, value]);
        });
        return [...y.data];
      });
      expect(new Set(seen).size).toBe(seen.length);
    }),
  );
});

test("another epoch has another order, in which rows left out before have their turn", () => {
  const random = new Random(1);
  const epoch = () => [...shuffledBatches(numbered(10), 4, random)].flatMap(({ y }) => [...y.data]);
  const epochs = Array.from({ length: 12 }, epoch);
  expect(epochs[1]).not.toEqual(epochs[0]);
  expect(new Set(epochs.flat()).size).toBe(10);
});

test("tensors without rows, or of different ones, are refused", () => {
  expect(() => rowsOf({})).toThrow("gmnm: there are no rows to train on");
  expect(() => rowsOf(numbered(0))).toThrow("gmnm: there are no rows to train on");
  expect(() => rowsOf({ x: tensor([1], [1]), y: tensor([1, 2], [2]) })).toThrow("gmnm: x has 1 rows but y has 2");
});
