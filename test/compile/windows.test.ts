// Slices of one tensor that are joined become one Gather. Against plain loops.
import { numpy as np } from "@jax-js/jax";
import fc from "fast-check";
import { expect, test } from "vitest";
import { compileFunction } from "../../src/compile/compile.ts";
import { liveValues } from "../../src/compile/graph.ts";
import { buildGraph } from "../../src/compile/program.ts";
import { type Tensor, tensor } from "../../src/tensor.ts";
import { describeNative } from "./native.ts";

/** Windows of rows of x (outer, rows, middle, inner), joined along an axis. */
type Case = {
  outer: number;
  rows: number;
  middle: number;
  inner: number;
  starts: number[];
  length: number;
  axis: number;
};

const cases: fc.Arbitrary<Case> = fc
  .record({
    outer: fc.constantFrom(1, 2, 5),
    rows: fc.integer({ min: 2, max: 7 }),
    middle: fc.constantFrom(1, 2, 3),
    inner: fc.constantFrom(1, 4, 8, 12, 16),
    starts: fc.array(fc.nat(6), { minLength: 2, maxLength: 4 }),
    length: fc.integer({ min: 1, max: 4 }),
    axis: fc.constantFrom(1, 2, 3),
  })
  .filter(({ rows, starts, length }) => starts.every((start) => start + length <= rows));

const joinedRows = ({ starts, length, axis }: Case) =>
  ((x: np.Array) => {
    const parts = starts.map((start) => x.ref.slice([], [start, start + length], [], []));
    x.dispose();
    return np.concatenate(parts, axis);
  }) as never;

const shapeOf = ({ outer, rows, middle, inner }: Case) => [outer, rows, middle, inner];

function numbersOf(one: Case): Tensor {
  const shape = shapeOf(one);
  return tensor(
    Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => i),
    shape,
  );
}

function looped({ outer, rows, middle, inner, starts, length, axis }: Case): number[] {
  const sizes = [outer, length, middle, inner].map((size, i) => (i === axis ? size * starts.length : size));
  const found: number[] = [];
  for (let o = 0; o < sizes[0]; o++)
    for (let r = 0; r < sizes[1]; r++)
      for (let m = 0; m < sizes[2]; m++)
        for (let i = 0; i < sizes[3]; i++) {
          const at = [o, r, m, i];
          const part = [outer, length, middle, inner][axis];
          const start = starts[Math.floor(at[axis] / part)];
          at[axis] %= part;
          found.push(((at[0] * rows + start + at[1]) * middle + at[2]) * inner + at[3]);
        }
  return found;
}

const operators = (one: Case): string[] =>
  liveValues(buildGraph(joinedRows(one), [numbersOf(one)]).outputs).map(({ op }) => op);

describeNative("joined windows", () => {
  test("are what plain loops take", async () => {
    await fc.assert(
      fc.asyncProperty(cases, async (one) => {
        const compiled = await compileFunction(joinedRows(one), { executor: "native" });
        const found = (await compiled(numbersOf(one))) as Tensor;
        compiled.dispose();
        expect([...found.data]).toEqual(looped(one));
      }),
      { numRuns: Number(process.env.RUNS ?? 150) },
    );
  });

  const kernel: Case = { outer: 2, rows: 6, middle: 3, inner: 8, starts: [0, 1, 2], length: 4, axis: 3 };

  test("are gathered in one pass", () => {
    expect(operators(kernel)).toContain("Gather");
    expect(operators(kernel)).not.toContain("Slice");
  });

  test("of few numbers side by side are sliced, which is faster for them", () => {
    expect(operators({ ...kernel, inner: 1, middle: 1 })).not.toContain("Gather");
  });
});
