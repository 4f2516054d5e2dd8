import fc from "fast-check";
import { expect, test } from "vitest";
import { MAX_SOBOL_DIMENSION, sobol } from "../../src/nn/sobol.ts";
import { Random } from "../../src/random.ts";
import { fixture } from "../golden.ts";

const golden = fixture<{ unit: number; rows: number[]; points: number[][] }>("sobol");

test("the first 1024 points in ten dimensions are those of SciPy", () => {
  const points = sobol(1024, MAX_SOBOL_DIMENSION);
  for (const [i, row] of golden.rows.entries()) {
    expect([...points.slice(row * 10, row * 10 + 10)].map((value) => value / golden.unit)).toEqual(golden.points[i]);
  }
});

test("a shift keeps one of 2^k points in each of 2^k equal intervals of every dimension, and depends on the seed", () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 10 }), (seed, k, d) => {
      const n = 2 ** k;
      const points = sobol(n, d, new Random(seed));
      expect(points).not.toEqual(sobol(n, d, new Random(seed + 1)));
      for (let j = 0; j < d; j++) {
        const cells = Array.from({ length: n }, (_, i) => Math.floor(points[i * d + j] * n));
        expect(cells.sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
      }
    }),
    { numRuns: 30 },
  );
});
