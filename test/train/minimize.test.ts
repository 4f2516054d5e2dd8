import { numpy as np } from "@jax-js/jax";
import { describe, expect, test } from "vitest";
import type { Params } from "../../src/nn/layer.ts";
import { adam } from "../../src/optim/adam.ts";
import { lbfgs } from "../../src/optim/lbfgs.ts";
import { namedTensors } from "../../src/params.ts";
import { tensor } from "../../src/tensor.ts";
import { minimize } from "../../src/train/minimize.ts";
import { fixture } from "../golden.ts";
import { relativeError } from "../gradients.ts";
import { liveBuffers } from "../live-buffers.ts";

/** f(a, b) = (1 − a₀)² + 5 (a₁ − a₀²)² + (b − a₀ a₁)², as in the fixture. */
const problem = (params: Params) => {
  const { a, b } = params as { a: np.Array; b: np.Array };
  const [a0, a1] = [a.ref.slice(0), a.slice(1)];
  const rest = np.square(a0.ref.neg().add(1));
  const rise = np.square(a1.ref.sub(np.square(a0.ref))).mul(5);
  return rest.add(rise).add(np.square(b.reshape([]).sub(a0.mul(a1))));
};
const start = { a: tensor([-1, 0.75], [2]), b: tensor([2], [1]) };
const data = { x: tensor([0], [1]) };
const objective = (params: Params, { x }: Record<string, np.Array>) => problem(params).add(x.sum());

describe("minimize", () => {
  test.each(["lbfgs", 3, null, {}])("what is no optimiser is refused in a sentence: %j", async (optimizer) => {
    const options = { optimizer: optimizer as unknown as ReturnType<typeof lbfgs> };
    await expect(minimize(objective, start, data, options)).rejects.toThrow("optimizer must be what adam");
  });

  test("takes PyTorch's steps on PyTorch's problem", async () => {
    type Run = { learningRate: number; params: Record<string, number[]> };
    const { adam: golden } = fixture<{ adam: Run }>("optim");
    const before = liveBuffers();
    for (const [step, expected] of Object.entries(golden.params)) {
      const { params, history } = await minimize(objective, start, data, {
        optimizer: adam({ learningRate: golden.learningRate }),
        epochs: Number(step),
      });
      const numbers = namedTensors(params).flatMap(([, t]) => [...t.data]);
      expect(relativeError(numbers, expected), `step ${step}`).toBeLessThan(2e-5);
      expect(history[0].loss).toBeCloseTo(11.875, 5);
    }
    expect(liveBuffers()).toBe(before);
  });

  test("reaches the minimum by L-BFGS, and says that it converged", async () => {
    const { params, history, stopped } = await minimize(objective, start, data, { optimizer: lbfgs(), epochs: 200 });
    const numbers = namedTensors(params).flatMap(([, t]) => [...t.data]);
    expect(relativeError(numbers, [1, 1, 1])).toBeLessThan(1e-4);
    expect(stopped).toBe("converged");
    expect(history.at(-1)!.loss).toBeLessThan(1e-9);
    const steps = history.map(({ step }) => step);
    expect(steps).toEqual(steps.toSorted((a, b) => a - b));
    expect(steps[0]).toBeGreaterThanOrEqual(2); // the start and at least one point
    const again = await minimize(objective, params, data, { optimizer: lbfgs({ gradientTolerance: 1e-2 }) });
    expect(again).toMatchObject({ history: [], stopped: "converged" });
  });

  test("leaves buffers alone, whatever the optimiser", async () => {
    const withBuffer = { p: tensor([3], [1]), buffers: { shift: tensor([2], [1]) } };
    const distance = (params: Params, { x }: Record<string, np.Array>) => {
      const { p, buffers } = params as { p: np.Array; buffers: { shift: np.Array } };
      return np.square(p.sub(buffers.shift)).sum().add(x.sum());
    };
    for (const optimizer of [adam({ learningRate: 0.1 }), lbfgs()]) {
      const { params } = await minimize(distance, withBuffer, data, { optimizer, epochs: 100 });
      const [[, p], [, shift]] = namedTensors(params);
      expect(shift.data[0]).toBe(2);
      expect(p.data[0]).toBeCloseTo(2, 1);
    }
  });

  test("the data may be several tensors of as many rows, and only of as many", async () => {
    const both = { x: tensor([1, 2], [2]), w: tensor([1, 2, 3], [3]) };
    await expect(minimize(objective, start, both, { batchSize: 1 })).rejects.toThrow("gmnm: x has 2 rows but w has 3");
  });
});
