import { numpy as np } from "@jax-js/jax";
import { expect, test } from "vitest";
import { GmnmError } from "../../src/errors.ts";
import { dropout } from "../../src/nn/dropout.ts";
import { Random } from "../../src/random.ts";
import { sizeOf, tensor, toArray, toTensor } from "../../src/tensor.ts";

const ones = () => toArray(tensor(new Float32Array(4000).fill(1), [40, 100]));
const random = new Random(1);
const uniform = (shape: number[]) =>
  np.array(
    Float32Array.from({ length: sizeOf(shape) }, () => random.uniform()),
    { shape },
  );

test("does nothing while predicting, nor at rate 0", () => {
  expect(toTensor(dropout(0.5).apply({}, ones())).data.every((value) => value === 1)).toBe(true);
  expect(toTensor(dropout(0.5).apply({}, ones(), { uniform })).data.every((value) => value === 1)).toBe(true);
  expect(toTensor(dropout(0).apply({}, ones(), { training: true })).data.every((value) => value === 1)).toBe(true);
});

test("while training drops the given share and scales the others so that the mean stays", () => {
  const { data } = toTensor(dropout(0.2).apply({}, ones(), { training: true, uniform }));
  expect(data.every((value) => value === 0 || value === 1.25)).toBe(true);
  const dropped = data.filter((value) => value === 0).length / data.length;
  expect(dropped).toBeGreaterThan(0.18);
  expect(dropped).toBeLessThan(0.22);
});

test("refuses to train without random numbers, and rates outside [0, 1)", () => {
  const x = ones();
  expect(() => dropout(0.2).apply({}, x, { training: true })).toThrow(
    new GmnmError("dropout needs context.uniform while training"),
  );
  x.dispose();
  for (const rate of [1, -0.1, Number.NaN, Infinity])
    expect(() => dropout(rate)).toThrow("rate of dropout must be a number in [0, 1)");
});
