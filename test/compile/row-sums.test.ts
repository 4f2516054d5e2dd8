// Sums over the rows of a matrix are products with ones: the same sums, infinities included.
import type { numpy as np } from "@jax-js/jax";
import { expect, test } from "vitest";
import { compileFunction } from "../../src/compile/compile.ts";
import { liveValues } from "../../src/compile/graph.ts";
import { buildGraph } from "../../src/compile/program.ts";
import { Random } from "../../src/random.ts";
import { type Tensor, tensor } from "../../src/tensor.ts";
import { describeNative } from "./native.ts";

const sumRows = (x: np.Array) => x.sum(0);

/** Computed by ONNX Runtime, and the operators that it ran. */
async function natively(fn: (x: np.Array) => np.Array, x: Tensor) {
  const compiled = await compileFunction(fn as never, { executor: "native" });
  const { data } = (await compiled(x)) as Tensor;
  compiled.dispose();
  return { sums: [...data], ops: liveValues(buildGraph(fn as never, [x]).outputs).map(({ op }) => op) };
}

/** In double precision, with the magnitudes that were added. */
function exactly({ data, shape: [rows, columns] }: Tensor) {
  const over = (number: (value: number) => number) =>
    Array.from({ length: columns }, (_, column) => {
      let sum = 0;
      for (let row = 0; row < rows; row++) sum += number(data[row * columns + column]);
      return sum;
    });
  return { sums: over((value) => value), magnitudes: over(Math.abs) };
}

describeNative("the sum of", () => {
  test.each([
    [1024, 2],
    [1025, 3],
    [7, 999],
    [300, 257],
    [20_000, 16],
  ])("%i rows of %i", async (rows, columns) => {
    const x = new Random(1).normal([rows, columns]);
    const { sums, ops } = await natively(sumRows, x);
    expect(ops).toContain("Gemm");
    const exact = exactly(x);
    for (const [i, sum] of sums.entries())
      expect(Math.abs(sum - exact.sums[i])).toBeLessThan(1e-6 * exact.magnitudes[i]);
  });

  test("the first and the third axis of four", async () => {
    const x = new Random(3).normal([40, 3, 20, 5]);
    const { sums, ops } = await natively((a) => a.sum([0, 2]), x);
    expect(ops).toContain("Gemm");
    const exact = new Float64Array(15);
    for (const [i, value] of x.data.entries()) exact[5 * (Math.floor(i / 100) % 3) + (i % 5)] += value;
    for (const [i, sum] of sums.entries()) expect(sum).toBeCloseTo(exact[i], 4);
  });

  test("leading axes of more than two, and columns that are stored as rows", async () => {
    const x = new Random(2).normal([30, 40]);
    const columns = await natively((a) => a.transpose().sum(1), x);
    expect(columns.ops).toContain("Gemm");
    const { sums } = exactly(x);
    for (const [i, sum] of columns.sums.entries()) expect(sum).toBeCloseTo(sums[i], 4);
    const joint = await natively((a) => a.reshape([5, 6, 40]).sum([0, 1]), x);
    expect(joint.sums).toEqual(columns.sums);
  });

  test("numbers that are not finite reach their own columns only", async () => {
    const x = tensor(new Float32Array(2000).fill(1), [500, 4]);
    x.data[401] = Infinity;
    x.data[802] = NaN;
    expect((await natively(sumRows, x)).sums).toEqual([500, Infinity, NaN, 500]);
  });

  test("a few numbers stays a reduction", async () => {
    const { ops, sums } = await natively(sumRows, tensor([1, 2, 3, 4], [2, 2]));
    expect(ops).toContain("ReduceSum");
    expect(sums).toEqual([4, 6]);
  });
});
