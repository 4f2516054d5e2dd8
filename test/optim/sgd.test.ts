import { expect, test } from "vitest";
import { sgd } from "../../src/optim/sgd.ts";
import { relativeError } from "../gradients.ts";
import { liveBuffers } from "../live-buffers.ts";
import { takeSteps } from "./steps.ts";

const gradients = [
  [1, -2],
  [0.5, 3],
  [-4, 0.25],
  [2, 2],
].map((p) => ({ p }));

test.each([
  ["without momentum, compiled", 0, true],
  ["without momentum, eager", 0, false],
  ["with momentum, compiled", 0.9, true],
  ["with momentum, eager", 0.9, false],
])("%s: the formula, and nothing left behind", (_, momentum, compiled) => {
  const before = liveBuffers();
  const after = takeSteps(sgd({ learningRate: 0.1, momentum }), { p: [1, 2] }, gradients, compiled);
  expect(liveBuffers()).toBe(before);
  const p = [1, 2];
  const v = [0, 0];
  gradients.forEach(({ p: g }, step) => {
    for (const i of [0, 1]) {
      v[i] = momentum * v[i] + g[i];
      p[i] -= 0.1 * v[i];
    }
    expect(relativeError(after[step].p, p)).toBeLessThan(1e-6);
  });
});

test("the learning rate follows the schedule", () => {
  const rates: [number, number][] = [];
  const learningRate = (step: number, total: number) => {
    rates.push([step, total]);
    return 1 / (step + 1);
  };
  const after = takeSteps(
    sgd({ learningRate }),
    { p: [0] },
    [1, 1, 1].map((g) => ({ p: [g] })),
  );
  expect(rates).toEqual([
    [0, 3],
    [1, 3],
    [2, 3],
  ]);
  expect(after[2].p[0]).toBeCloseTo(-(1 + 1 / 2 + 1 / 3), 6);
});
