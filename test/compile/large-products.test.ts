// Products over very many rows are sums of products over few, and columns of a large product are products with fewer columns.
import { numpy as np } from "@jax-js/jax";
import { expect, test } from "vitest";
import { compileFunction } from "../../src/compile/compile.ts";
import { liveValues } from "../../src/compile/graph.ts";
import { buildGraph } from "../../src/compile/program.ts";
import { Random } from "../../src/random.ts";
import type { Tensor } from "../../src/tensor.ts";
import { describeNative } from "./native.ts";

/** Computed by ONNX Runtime, and the operators and shapes that it made. */
async function natively(fn: (x: np.Array, y: np.Array) => np.Array | np.Array[], x: Tensor, y: Tensor) {
  const compiled = await compileFunction(fn as never, { executor: "native" });
  const results = [await compiled(x, y)].flat() as Tensor[];
  compiled.dispose();
  return {
    results,
    made: liveValues(buildGraph(fn as never, [x, y]).outputs).map(({ op, shape }) => `${op} ${shape}`),
  };
}

/** Σ_r x[r, i] y[r, j] in double precision, at some places (i, j). */
function sumsAt(x: Tensor, y: Tensor, places: readonly (readonly [number, number])[]): number[] {
  const [m, n] = [x.shape[1], y.shape[1]];
  return places.map(([i, j]) => {
    let sum = 0;
    for (let row = 0; row < x.shape[0]; row++) sum += x.data[row * m + i] * y.data[row * n + j];
    return sum;
  });
}

const transposedProduct = (x: np.Array, y: np.Array) => np.matmul(x.transpose(), y);

describeNative("the product", () => {
  test.each([
    ["wide times narrow", 8192, 96, 48],
    ["narrow times wide", 8192, 48, 96],
    ["rows that split into 7 parts", 49 * 173, 64, 64],
    ["a thousand rows", 1000, 65, 256],
  ])("over many rows, %s", async (_, rows, m, n) => {
    const random = new Random(3);
    const [x, y] = [random.normal([rows, m]), random.normal([rows, n])];
    const { results, made } = await natively(transposedProduct, x, y);
    expect(made.some((one) => one.startsWith("MatMul"))).toBe(true);
    expect(results[0].shape).toEqual([m, n]);
    const places = Array.from({ length: 200 }, () => [random.integer(m), random.integer(n)] as const);
    for (const [k, exact] of sumsAt(x, y, places).entries()) {
      const [i, j] = places[k];
      expect(Math.abs(results[0].data[i * n + j] - exact)).toBeLessThan(1e-6 * rows);
    }
  });

  test("over a prime number of rows is one product", async () => {
    const random = new Random(4);
    const { made } = await natively(transposedProduct, random.normal([8209, 64]), random.normal([8209, 64]));
    expect(made).toContain("Gemm 64,64");
    expect(made.some((one) => one.startsWith("MatMul"))).toBe(false);
  });

  test.each([false, true])(
    "of which columns are used is made of columns, second matrix transposed: %s",
    async (turned) => {
      const random = new Random(5);
      const [x, w] = [random.normal([4096, 8]), random.normal(turned ? [96, 8] : [8, 96])];
      const parts = (a: np.Array, b: np.Array) => {
        const product = np.matmul(a, turned ? b.transpose() : b);
        const cut = [0, 1, 2].map((i) => product.ref.slice([], [32 * i, 32 * (i + 1)]));
        product.dispose();
        return cut.map((part, i) => np.square(part).mul(i + 1));
      };
      const { results, made } = await natively(parts, x, w);
      expect(made).not.toContain("Gemm 4096,96");
      for (const [part, { data }] of results.entries())
        for (const [row, column] of [
          [0, 0],
          [4095, 31],
          [77, 5],
        ]) {
          const at = 32 * part + column;
          let sum = 0;
          for (let k = 0; k < 8; k++) sum += x.data[8 * row + k] * w.data[turned ? 8 * at + k : 96 * k + at];
          expect(data[32 * row + column]).toBeCloseTo((part + 1) * sum ** 2, 3);
        }
    },
  );

  test("that is used as a whole as well is made once", async () => {
    const random = new Random(6);
    const wholeToo = (a: np.Array, b: np.Array) => {
      const product = np.matmul(a, b);
      return [product.ref.slice([], [0, 32]), product.sum()];
    };
    const { made } = await natively(wholeToo, random.normal([4096, 8]), random.normal([8, 96]));
    expect(made).toContain("Gemm 4096,96");
  });
});
