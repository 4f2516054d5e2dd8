// The gradient of cutting a tensor into pieces is a sum of padded pieces, which the compiler puts together as one concatenation where they
// do not overlap. Against plain loops.
import { grad, numpy as np } from "@jax-js/jax";
import fc from "fast-check";
import { expect } from "vitest";
import { compileFunction } from "../../src/compile/compile.ts";
import { sizeOf, type Tensor, tensor } from "../../src/tensor.ts";
import { nativeTest } from "./native.ts";

/** A slice of x along an axis, times a factor, times weights or a constant. */
type Piece = { from: number; length: number; factor: number; weighted: boolean };

const cases = fc
  .record({
    shape: fc.array(fc.constantFrom<number[]>(1, 2, 3, 6), { minLength: 1, maxLength: 3, size: "max" }),
    axis: fc.nat(2),
    turned: fc.boolean(),
    pieces: fc.array(
      fc.record({
        from: fc.nat(5),
        length: fc.nat(5),
        factor: fc.constantFrom(1, 1, -1, 0.5, -3),
        weighted: fc.boolean(),
      }),
      { minLength: 1, maxLength: 5, size: "max" },
    ),
    disjoint: fc.boolean(),
  })
  .map(({ shape, axis, turned, pieces, disjoint }) => {
    const along = axis % shape.length;
    const size = shape[along];
    let end = 0;
    const cut = pieces.flatMap((piece): Piece[] => {
      const from = disjoint ? end + (piece.from % 2) : piece.from % size;
      if (from >= size) return [];
      const length = 1 + (piece.length % (size - from));
      end = from + length;
      return [{ ...piece, from, length }];
    });
    return { shape, axis: along, turned, pieces: cut };
  });

const weight = (i: number, k: number) => 0.3 + ((0.618034 * (k + 1) * (i + 1)) % 1);

nativeTest("the gradient of a sum of pieces", async () => {
  await fc.assert(
    fc.asyncProperty(cases, async ({ shape, axis, turned, pieces }) => {
      const sizes = pieces.map(({ length }) => shape.with(axis, length));
      const ofPieces = (x: np.Array) => {
        const terms = pieces.map(({ from, length, factor, weighted }, i) => {
          const piece = x.ref.slice(
            ...shape.map((_, dim) => (dim === axis ? [from, from + length] : []) as [number, number]),
          );
          const whole = turned && i % 2 === 0 ? np.flip(piece, axis) : piece;
          const weights = Float32Array.from({ length: sizeOf(sizes[i]) }, (_, k) => weight(i, k));
          return (weighted ? whole.mul(np.array(weights, { shape: sizes[i] })) : whole).mul(factor).sum();
        });
        x.dispose();
        return terms.reduce((sum, term) => sum.add(term), np.array(0));
      };
      const expected = new Float64Array(sizeOf(shape));
      // Terms may cancel: the error is measured against their sizes, not against what is left.
      let largest = 0;
      for (const [i, { from, length, factor, weighted }] of pieces.entries()) {
        const inner = sizeOf(shape.slice(axis + 1));
        for (let k = 0; k < sizeOf(sizes[i]); k++) {
          const [outer, row, rest] = [Math.floor(k / (length * inner)), Math.floor(k / inner) % length, k % inner];
          const turnedRow = turned && i % 2 === 0 ? length - 1 - row : row;
          const place = (outer * shape[axis] + from + turnedRow) * inner + rest;
          const term = factor * (weighted ? weight(i, k) : 1);
          expected[place] += term;
          largest = Math.max(largest, Math.abs(term));
        }
      }
      const compiled = await compileFunction((x: np.Array) => grad(ofPieces)(x) as np.Array, { executor: "native" });
      const found = (await compiled(tensor(new Float32Array(sizeOf(shape)).fill(1), shape))) as Tensor;
      compiled.dispose();
      expect(found.shape).toEqual(shape);
      const worst = expected.reduce((max, value, i) => Math.max(max, Math.abs(value - found.data[i])), 0);
      expect(worst).toBeLessThanOrEqual(1e-6 * pieces.length * largest);
    }),
    { numRuns: Number(process.env.RUNS ?? 150) },
  );
});
