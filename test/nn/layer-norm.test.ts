import { describe, expect, test } from "vitest";
import { layerNorm } from "../../src/nn/layer-norm.ts";
import { Random } from "../../src/random.ts";
import { tensor } from "../../src/tensor.ts";
import { forward } from "../forward.ts";
import { expectGolden, fixture } from "../golden.ts";

describe("values and gradients agree with the golden ones", () => {
  test.each(fixture("layer-norm"))("$name", expectGolden);
});

test("every row starts with mean 0 and variance 1", () => {
  const layer = layerNorm(50);
  const { data } = forward(layer, layer.init(new Random(1)), new Random(2).normal([3, 50], 4));
  for (let i = 0; i < 3; i++) {
    const row = data.slice(50 * i, 50 * i + 50);
    expect(row.reduce((sum, value) => sum + value, 0) / 50).toBeCloseTo(0, 5);
    expect(row.reduce((sum, value) => sum + value * value, 0) / 50).toBeCloseTo(1, 4);
  }
});

test("a constant row becomes zeros", () => {
  const layer = layerNorm(3);
  expect([...forward(layer, layer.init(new Random(1)), tensor([7, 7, 7], [1, 3])).data]).toEqual([0, 0, 0]);
});
