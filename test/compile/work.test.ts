import { lax, numpy as np } from "@jax-js/jax";
import { expect, test } from "vitest";
import { buildProgram } from "../../src/compile/program.ts";
import { isSmallWork } from "../../src/compile/work.ts";
import { Random } from "../../src/random.ts";

const random = new Random(0);
type Fn = (...arrays: np.Array[]) => np.Array;
const turned: Fn = (x, y) => np.matmul(x.transpose(), y);

const convolve: Fn = (x, kernel) => lax.conv(x, kernel, [1, 1], "VALID");

test.each<[string, number, boolean]>([
  ["a convolution", 8, true], // 17 million multiplications
  ["a large convolution", 14, false], // 29 million
])("%s", (_, batch, small) => {
  const args = [random.normal([batch, 32, 17, 17]), random.normal([32, 32, 3, 3])];
  expect(isSmallWork(buildProgram(convolve as never, args, { channelBlock: 16 }).work)).toBe(small);
});

test.each<[string, Fn, number[][], boolean]>([
  ["an array", np.sin, [[1000, 700]], true],
  ["a large array", np.sin, [[1000, 800]], false],
  ["several arrays that are large together", (x) => np.sin(np.cos(np.exp(x))), [[1000, 300]], false],
  [
    "a product",
    np.matmul,
    [
      [200, 300],
      [300, 300],
    ],
    true,
  ], // 18 million multiplications
  [
    "a large product",
    np.matmul,
    [
      [300, 300],
      [300, 300],
    ],
    false,
  ], // 27 million
  [
    "a product of small factors",
    np.matmul,
    [
      [20, 100_000],
      [100_000, 20],
    ],
    false,
  ], // 40 million
  [
    "a product of a transposed factor",
    turned,
    [
      [300, 200],
      [300, 300],
    ],
    true,
  ],
  [
    "a large product of a transposed factor",
    turned,
    [
      [300, 300],
      [300, 300],
    ],
    false,
  ],
])("%s", (_, fn, shapes, small) => {
  const args = shapes.map((shape) => random.normal(shape));
  expect(isSmallWork(buildProgram(fn as never, args).work)).toBe(small);
});
