import { describe, expect, test } from "vitest";
import { type AdamOptions, adam, adamw } from "../../src/optim/adam.ts";
import { fixture } from "../golden.ts";
import { relativeError } from "../gradients.ts";
import { liveBuffers } from "../live-buffers.ts";
import { takeSteps } from "./steps.ts";

type Run = AdamOptions & { weightDecay?: number; gradients: number[][]; params: Record<string, number[]> };
const golden = fixture<Record<"adam" | "adamBetas" | "adamw", Run>>("optim");
const start = { a: [-1, 0.75], b: [2] };
const named = (run: Run) => run.gradients.map(([a0, a1, b]) => ({ a: [a0, a1], b: [b] }));
const optimizers = {
  adam: adam(golden.adam),
  adamBetas: adam(golden.adamBetas),
  adamw: adamw({ ...golden.adamw, decays: () => true }),
};

describe.each(["adam", "adamBetas", "adamw"] as const)("%s", (name) => {
  test.each([
    ["compiled", true],
    ["eager", false],
  ])("%s: the parameters agree with PyTorch's and nothing is left behind", (_, compiled) => {
    const before = liveBuffers();
    const after = takeSteps(optimizers[name], start, named(golden[name]), compiled);
    expect(liveBuffers()).toBe(before);
    for (const [step, expected] of Object.entries(golden[name].params)) {
      const { a, b } = after[Number(step) - 1];
      expect(relativeError([...a, ...b], expected), `step ${step}`).toBeLessThan(1e-5);
    }
  });
});

test("decay leaves centres, widths and biases alone unless told otherwise", () => {
  const zero = { weights: [0], base: [0], centers: [0], projections: [0], bias: [0] };
  const ones = { weights: [1], base: [1], centers: [1], projections: [1], bias: [1] };
  const [byDefault] = takeSteps(adamw({ learningRate: 0.5, weightDecay: 0.1 }), ones, [zero]);
  const decayed = expect.closeTo(0.95, 6);
  expect(byDefault).toEqual({ weights: [decayed], base: [decayed], centers: [1], projections: [1], bias: [1] });
  const onlyBias = adamw({ learningRate: 0.5, weightDecay: 0.1, decays: (path) => path === "bias" });
  expect(takeSteps(onlyBias, ones, [zero])[0]).toEqual({ ...ones, bias: [decayed] });
});

test("clipping bounds what Adam sees: a gradient and a hundred times it give the same steps", () => {
  const optimizer = () => adam({ learningRate: 0.1, clip: 1, epsilon: 1 });
  const [small, large] = [1, 100].map((factor) => [
    { a: [3 * factor, 4 * factor], b: [12 * factor] },
    { a: [0.3, 0.4], b: [0] },
  ]);
  const after = [small, large].map((gradients) => takeSteps(optimizer(), start, gradients).at(-1)!);
  expect(relativeError(after[0].a, after[1].a)).toBeLessThan(1e-6);
  const free = takeSteps(adam({ learningRate: 0.1, epsilon: 1 }), start, large).at(-1)!;
  expect(relativeError(free.a, after[1].a)).toBeGreaterThan(1e-2);
});

test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])("a learning rate of %d is refused", (learningRate) => {
  const sentence = `gmnm: learningRate must be a number above 0, got ${learningRate}`;
  expect(() => adam({ learningRate })).toThrow(sentence);
  expect(() => adamw({ learningRate })).toThrow(sentence);
});
