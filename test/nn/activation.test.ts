import { describe, expect, test } from "vitest";
import { activation } from "../../src/nn/elementwise.ts";
import { gaussianMixtureActivation } from "../../src/nn/index.ts";
import { disposeParams } from "../../src/params.ts";
import { Random } from "../../src/random.ts";
import { tensor } from "../../src/tensor.ts";
import { forward, maxDifference } from "../forward.ts";
import { expectGolden, fixture } from "../golden.ts";

describe("values and gradients agree with the golden ones", () => {
  test.each(fixture("activation"))("$name", expectGolden);
});

const grid = tensor(
  Array.from({ length: 601 }, (_, i) => -3 + i / 100),
  [601, 1],
);

test.each([
  ["silu", 0.005],
  ["gelu", 0.01],
  ["tanh", 0.015],
  ["sigmoid", 0.001],
  ["relu", 0.15],
  ["identity", 1e-4],
] as const)("eight components start within the stated distance of %s on [−3, 3]: %d", (resemble, distance) => {
  const layer = gaussianMixtureActivation(1, { resemble });
  const start = forward(layer, layer.init(new Random(1)), grid);
  const target = forward(activation(resemble), {}, grid);
  expect(maxDifference(start.data, target.data)).toBeLessThan(distance);
});

test("every channel starts the same and depends on its own input alone", () => {
  const layer = gaussianMixtureActivation(3);
  const y = forward(layer, layer.init(new Random(1)), tensor([0.5, 0.5, 0.5, 0.5, -2, 1], [2, 3]));
  expect(y.data[0]).toBe(y.data[1]);
  expect(y.data[1]).toBe(y.data[2]);
  expect(y.data[3]).toBe(y.data[0]);
  expect(y.data[4]).not.toBe(y.data[0]);
});

test("one component is enough to start from", () => {
  const layer = gaussianMixtureActivation(2, { numComponents: 1, range: 0.5 });
  const params = layer.init(new Random(1));
  expect(params.centers.shape).toEqual([1, 2]);
  expect(params.weights.ref.dataSync().every(Number.isFinite)).toBe(true);
  disposeParams(params);
});
