import fc from "fast-check";
import { expect, test } from "vitest";
import { GmnmError } from "../src/errors.ts";
import { leastSquares } from "../src/least-squares.ts";
import { Random } from "../src/random.ts";
import { maxDifference } from "./forward.ts";

/** (rows, columns) × (columns, outputs). */
function product(a: ArrayLike<number>, c: ArrayLike<number>, columns: number, outputs: number): Float64Array {
  return Float64Array.from({ length: (a.length / columns) * outputs }, (_, i) => {
    const [row, o] = [Math.floor(i / outputs), i % outputs];
    let sum = 0;
    for (let p = 0; p < columns; p++) sum += a[row * columns + p] * c[p * outputs + o];
    return sum;
  });
}
const transpose = (a: ArrayLike<number>, columns: number) =>
  Float64Array.from(a, (_, i) => a[(i % (a.length / columns)) * columns + Math.floor(i / (a.length / columns))]);
const gaussians = (random: Random, n: number) => Float64Array.from({ length: n }, () => random.gaussian());

const problems = fc.record({
  seed: fc.nat(),
  columns: fc.integer({ min: 1, max: 6 }),
  extraRows: fc.integer({ min: 10, max: 30 }),
  outputs: fc.integer({ min: 1, max: 3 }),
});

test("the line through four points", () => {
  // y = 1.4 x + 3.5 is the textbook fit of (1, 6), (2, 5), (3, 7), (4, 10).
  const [slope, constant] = leastSquares([1, 1, 2, 1, 3, 1, 4, 1], [6, 5, 7, 10], 4);
  expect(slope).toBeCloseTo(1.4, 6);
  expect(constant).toBeCloseTo(3.5, 6);
});

test("finds the coefficients that made the data", () => {
  fc.assert(
    fc.property(problems, ({ seed, columns, extraRows, outputs }) => {
      const random = new Random(seed);
      const rows = columns + extraRows;
      const [a, c] = [gaussians(random, rows * columns), gaussians(random, columns * outputs)];
      const found = leastSquares(a, product(a, c, columns, outputs), rows, { columns, outputs });
      expect(maxDifference(found, c)).toBeLessThan(1e-7);
    }),
  );
});

test("satisfies the ridge's normal equations AᵀAC + λC = AᵀY, with λ relative to A's mean square column", () => {
  fc.assert(
    fc.property(
      problems,
      fc.double({ min: 1e-6, max: 10, noNaN: true }),
      ({ seed, columns, extraRows, outputs }, ridge) => {
        const random = new Random(seed);
        const rows = columns + extraRows;
        const [a, y] = [gaussians(random, rows * columns), gaussians(random, rows * outputs)];
        const c = leastSquares(a, y, rows, { columns, outputs, ridge });
        const lambda = (ridge * a.reduce((sum, value) => sum + value * value, 0)) / columns;
        const t = transpose(a, columns);
        const left = product(t, product(a, c, columns, outputs), rows, outputs).map(
          (value, i) => value + lambda * c[i],
        );
        expect(maxDifference(left, product(t, y, rows, outputs))).toBeLessThan(1e-9);
      },
    ),
  );
});

test("a ridge means the same at any scale of A", () => {
  const random = new Random(1);
  const [a, y] = [gaussians(random, 40), gaussians(random, 10)];
  const c = leastSquares(a, y, 10, { ridge: 0.1 });
  const scaled = leastSquares(
    a.map((value) => 1000 * value),
    y,
    10,
    { ridge: 0.1 },
  );
  expect(
    maxDifference(
      scaled.map((value) => 1000 * value),
      c,
    ),
  ).toBeLessThan(1e-12);
});

test("columns of zeros get zero coefficients", () => {
  expect([...leastSquares([0, 2, 0, 4], [2, 4], 2)].map((value) => Number(value.toFixed(6)))).toEqual([0, 1]);
  expect([...leastSquares([0, 0, 0, 0], [2, 4], 2)]).toEqual([0, 0]);
});

test("so do columns whose squares have no digits left, whatever they are", () => {
  for (const size of [1e-142, 3e-155, 1e-162, 5e-324]) {
    const c = leastSquares([size, size, size, size, size, 2 * size], [2, 4, 6], 3);
    expect(Math.max(...c.map(Math.abs))).toBeLessThan(1e-100);
  }
});

test("dependent columns are solved with the ridge and refused without", () => {
  const a = [1, 2, 2, 4, 3, 6];
  const c = leastSquares(a, [5, 10, 15], 3, { ridge: 1e-9 });
  expect(c[0] + 2 * c[1]).toBeCloseTo(5, 4);
  expect(() => leastSquares(a, [5, 10, 15], 3, { ridge: 0 })).toThrow(GmnmError);
  expect(() => leastSquares([Number.NaN, 1], [1, 1], 2)).toThrow("column 0 of 1");
});
