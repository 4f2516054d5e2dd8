import { describe, expect, test } from "vitest";
import { lstm } from "../../src/nn/lstm.ts";
import { placeParams } from "../../src/params.ts";
import { Random } from "../../src/random.ts";
import { tensor, toTensor, zeros } from "../../src/tensor.ts";
import { forward } from "../forward.ts";
import { expectGolden, fixture } from "../golden.ts";
import { compiledGradients } from "../gradients.ts";

describe("values and gradients agree with the golden ones", () => {
  test.each(fixture("lstm"))("$name", expectGolden);
});

test("the bias starts at 1 for the forget gate and at 0 elsewhere", () => {
  expect([...toTensor(lstm(3, 2).init(new Random(1)).bias).data]).toEqual([0, 0, 1, 1, 0, 0, 0, 0]);
});

test("the last state is the last of all states", () => {
  const x = new Random(3).normal([2, 5, 3]);
  const [last, every] = [false, true].map((returnSequence) => {
    const layer = lstm(3, 4, { returnSequence });
    return forward(layer, layer.init(new Random(1)), x);
  });
  expect(every.shape).toEqual([2, 5, 4]);
  expect([...last.data]).toEqual([...every.data.slice(16, 20), ...every.data.slice(36, 40)]);
});

test("the cell adds up what comes in while all gates are open", () => {
  const bias = tensor([30, 30, 30, 30], [4]);
  const x = tensor([0, 0], [1, 2, 1]);
  const params = placeParams({ inputWeights: zeros([1, 4]), hiddenWeights: zeros([1, 4]), bias });
  // Every step adds σ(30) tanh(30) = 1 to the cell.
  expect(forward(lstm(1, 1), params, x).data[0]).toBeCloseTo(Math.tanh(2), 6);
});

test("values and gradients are finite for gates far beyond where the exponential overflows", async () => {
  const params = {
    inputWeights: zeros([1, 4]),
    hiddenWeights: zeros([1, 4]),
    bias: tensor([-500, 500, -500, 500], [4]),
  };
  const x = new Random(1).normal([2, 3, 1]);
  const { y, gradients } = await compiledGradients({ layer: lstm(1, 1), params, x, cotangent: tensor([1, 1], [2, 1]) });
  for (const numbers of [y.data, ...gradients.values()]) expect(Array.from(numbers).every(Number.isFinite)).toBe(true);
});
