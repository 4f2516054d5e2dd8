import { describe, expect, test } from "vitest";
import { gru } from "../../src/nn/gru.ts";
import { Random } from "../../src/random.ts";
import { tensor, zeros } from "../../src/tensor.ts";
import { forward } from "../forward.ts";
import { expectGolden, fixture } from "../golden.ts";
import { compiledGradients } from "../gradients.ts";

describe("values and gradients agree with the golden ones", () => {
  test.each(fixture("gru"))("$name", expectGolden);
});

test("the last state is the last of all states", () => {
  const x = new Random(3).normal([2, 5, 3]);
  const [last, every] = [false, true].map((returnSequence) => {
    const layer = gru(3, 4, { returnSequence });
    return forward(layer, layer.init(new Random(1)), x);
  });
  expect(every.shape).toEqual([2, 5, 4]);
  expect([...last.data]).toEqual([...every.data.slice(16, 20), ...every.data.slice(36, 40)]);
});

test("values and gradients are finite for gates far beyond where the exponential overflows", async () => {
  const params = {
    inputWeights: zeros([1, 3]),
    hiddenWeights: zeros([1, 3]),
    bias: tensor([-500, 500, -500], [3]),
    candidateBias: tensor([500], [1]),
  };
  const x = new Random(1).normal([2, 3, 1]);
  const { y, gradients } = await compiledGradients({ layer: gru(1, 1), params, x, cotangent: tensor([1, 1], [2, 1]) });
  for (const numbers of [y.data, ...gradients.values()]) expect(Array.from(numbers).every(Number.isFinite)).toBe(true);
});
