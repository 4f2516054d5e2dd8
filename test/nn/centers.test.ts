import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  boxOf,
  kMeansCenters,
  meanNearestDistance,
  sampledCenters,
  spacedCenters,
  standardDeviations,
} from "../../src/nn/centers.ts";
import { Random } from "../../src/random.ts";
import { type Tensor, tensor } from "../../src/tensor.ts";

const seeds = fc.integer({ min: 0, max: 2 ** 31 - 1 });
const rowsOf = ({ data, shape }: Tensor) =>
  Array.from({ length: shape[0] }, (_, i) => [...data.slice(i * shape[1], (i + 1) * shape[1])]);

test("the box of a sample is its extremes, and a constant feature gets a side of 1", () => {
  expect(boxOf(tensor([1, 7, -2, 7, 3, 7], [3, 2]))).toEqual([
    [-2, 3],
    [6.5, 7.5],
  ]);
});

test("standard deviations are those of the population, and 1 for a constant feature", () => {
  expect(standardDeviations(tensor([1, 7, 3, 7, 5, 7, 7, 7], [4, 2]))).toEqual([Math.sqrt(5), 1]);
});

test("the mean distance to the nearest other centre is in spreads, and 1 where there is none", () => {
  expect(meanNearestDistance(tensor([0, 0, 3, 0, 0, 40], [3, 2]), [1, 10])).toBeCloseTo((3 + 3 + 4) / 3, 6);
  expect(meanNearestDistance(tensor([5, 5], [1, 2]), [1, 1])).toBe(1);
  expect(meanNearestDistance(tensor([5, 5, 5, 5], [2, 2]), [1, 1])).toBe(1);
});

describe("spaced centres", () => {
  test("lie in the box, as many in each half of each side", () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 10 }), (seed, power, d) => {
        const m = 2 ** power;
        const box = Array.from({ length: d }, (_, j): [number, number] => [-j, j + 1]);
        const rows = rowsOf(spacedCenters(new Random(seed), box, m));
        expect(rows).toHaveLength(m);
        box.forEach(([low, high], j) => {
          expect(rows.every((row) => row[j] >= low && row[j] <= high)).toBe(true);
          expect(rows.filter((row) => row[j] < (low + high) / 2)).toHaveLength(m / 2);
        });
      }),
      { numRuns: 50 },
    );
  });

  test("are spread better than random points: 16 of 64 in each quarter of a square", () => {
    const rows = rowsOf(
      spacedCenters(
        new Random(4),
        [
          [0, 1],
          [0, 1],
        ],
        64,
      ),
    );
    for (const [a, b] of [
      [0, 0],
      [0, 0.5],
      [0.5, 0],
      [0.5, 0.5],
    ]) {
      expect(rows.filter(([x, y]) => x >= a && x < a + 0.5 && y >= b && y < b + 0.5)).toHaveLength(16);
    }
  });
});

describe("sampled centres", () => {
  test("are different rows of the sample", () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 1, max: 30 }), (seed, m) => {
        const sample = new Random(1).normal([30, 2]);
        const known = new Set(rowsOf(sample).map(String));
        const centers = rowsOf(sampledCenters(new Random(seed), sample, m)).map(String);
        expect(new Set(centers).size).toBe(m);
        expect(centers.every((row) => known.has(row))).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  test("beyond the number of rows are rows with a little noise", () => {
    const sample = tensor([0, 0, 10, 10], [2, 2]);
    const centers = rowsOf(sampledCenters(new Random(1), sample, 7));
    expect(new Set(centers.map(String)).size).toBe(7);
    for (const [x, y] of centers) expect(Math.min(Math.hypot(x, y), Math.hypot(x - 10, y - 10))).toBeLessThan(4);
  });
});

describe("k-means", () => {
  // Five clusters of 20 rows, 10 apart and 0.1 wide.
  const middles = [
    [0, 0],
    [10, 0],
    [0, 10],
    [10, 10],
    [20, 20],
  ];
  const random = new Random(3);
  const noise = () => 0.1 * random.gaussian();
  const sample = tensor(
    middles.flatMap(([x, y]) => Array.from({ length: 20 }, () => [x + noise(), y + noise()])).flat(),
    [100, 2],
  );

  test("finds separated clusters from every seed", () => {
    for (let seed = 0; seed < 30; seed++) {
      const centers = rowsOf(kMeansCenters(new Random(seed), sample, 5));
      for (const [x, y] of middles) {
        const nearest = Math.min(...centers.map(([a, b]) => Math.hypot(a - x, b - y)));
        expect(nearest, `seed ${seed}: distance to (${x}, ${y})`).toBeLessThan(0.15);
      }
    }
  });

  test("one centre is the mean", () => {
    const [[x, y]] = rowsOf(kMeansCenters(new Random(1), sample, 1));
    expect(x).toBeCloseTo(8, 1);
    expect(y).toBeCloseTo(8, 1);
  });

  test.each([
    ["as many centres as rows", tensor([1, 2, 3, 4], [4, 1]), 4],
    ["more centres than rows", tensor([1, 2], [2, 1]), 5],
    ["fewer different rows than centres", tensor(new Float32Array(12).fill(2), [6, 2]), 4],
  ])("copes with %s", (_, few, m) => {
    const { data, shape } = kMeansCenters(new Random(1), few, m);
    expect(shape).toEqual([m, few.shape[1]]);
    expect(data.every(Number.isFinite)).toBe(true);
  });
});
