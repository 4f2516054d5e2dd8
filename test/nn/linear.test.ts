import { expect, test } from "vitest";
import { linear } from "../../src/nn/linear.ts";
import { placeParams } from "../../src/params.ts";
import { Random } from "../../src/random.ts";
import { tensor, toTensor } from "../../src/tensor.ts";
import { forward } from "../forward.ts";

test("computes xW + b", () => {
  const params = placeParams({ weights: tensor([1, 2, 3, 4, 5, 6], [2, 3]), bias: tensor([0.5, 0, -1], [3]) });
  expect([...forward(linear(2, 3), params, tensor([1, -1, 2, 0], [2, 2])).data]).toEqual([-2.5, -3, -4, 2.5, 4, 5]);
});

test("weights start with standard deviation gain/√inFeatures and the bias at zero", () => {
  const { weights, bias } = linear(100, 100, { gain: 2 }).init(new Random(1));
  const { data } = toTensor(weights);
  const variance = data.reduce((sum, value) => sum + value * value, 0) / data.length;
  expect(Math.sqrt(variance)).toBeCloseTo(0.2, 2);
  expect(toTensor(bias!).data.every((value) => value === 0)).toBe(true);
});
