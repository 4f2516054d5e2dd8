import { numpy as np } from "@jax-js/jax";
import { expect, test } from "vitest";
import { buildProgram } from "../../src/compile/program.ts";
import { Random } from "../../src/random.ts";

const random = new Random(0);
const isSmall = (fn: (...arrays: np.Array[]) => np.Array, ...shapes: number[][]) =>
  buildProgram(
    fn as never,
    shapes.map((shape) => random.normal(shape)),
  ).small;

test.each([
  ["an array", np.sin, [[256, 256]], true],
  ["a large array", np.sin, [[256, 257]], false],
  [
    "a product",
    np.matmul,
    [
      [128, 64],
      [64, 128],
    ],
    true,
  ],
  [
    "a large product",
    np.matmul,
    [
      [128, 128],
      [128, 128],
    ],
    false,
  ],
  [
    "a large product of small arrays",
    np.matmul,
    [
      [8, 8192],
      [8192, 8],
    ],
    true,
  ],
  [
    "a product over very many",
    np.matmul,
    [
      [20, 3000],
      [3000, 20],
    ],
    false,
  ],
  [
    "a large product of a transposed array",
    (x: np.Array, y: np.Array) => np.matmul(x.transpose(), y),
    [
      [128, 128],
      [128, 128],
    ],
    false,
  ],
] as const)("%s is small work or not", (_, fn, shapes, small) => {
  expect(isSmall(fn as never, ...shapes.map((shape) => [...shape]))).toBe(small);
});
