// Models in training as the worker holds them, here without a browser.
import { beforeAll, describe, expect, test } from "vitest";
import { buildLayer } from "../../playground/src/models/build.ts";
import { newModel } from "../../playground/src/models/spec.ts";
import { startOf, type TaskName } from "../../playground/src/state/state.ts";
import { problemOf } from "../../playground/src/tasks/index.ts";
import { Learner } from "../../playground/src/worker/learner.ts";
import { curvesInside, packComponents } from "../../playground/src/worker/look-inside.ts";
import { COMPONENT_STRIDE, componentAt } from "../../playground/src/worker/messages.ts";
import { DECAY_STEPS, learningRateAt } from "../../playground/src/worker/schedule.ts";
import { Session } from "../../playground/src/worker/session.ts";
import { fromConfig, type ParamTensors, predict, ready } from "../../src/browser.ts";
import { liveBuffers } from "../live-buffers.ts";

const training = (learningRate: number) =>
  ({ optimizer: "adam", learningRate: () => learningRate, seed: 1, executor: "wasm" }) as const;
const stateOf = (task: TaskName) => ({ ...startOf(task), points: 60 });
const problem = problemOf("function", stateOf("function"));

beforeAll(() => ready("wasm"));

describe("a learner", () => {
  test("whose loss is no longer finite stays as it is and says so", async () => {
    const learner = await Learner.create(
      buildLayer(newModel("mlp", { activation: "relu" }), 2, 1),
      problem,
      training(1e38),
    );
    await learner.step();
    await learner.step();
    const before = JSON.stringify(await learner.params());
    expect(learner.trouble).toMatch(/^stopped at step 2: the loss is not finite/);
    await learner.step();
    expect(learner.steps).toBe(1);
    expect(JSON.stringify(await learner.params())).toBe(before);
    await learner.dispose();
  });

  test("goes on from what a hand has changed", async () => {
    const learner = await Learner.create(buildLayer(newModel("gmnm", { size: 6 }), 2, 1), problem, training(0.01));
    await learner.step();
    const before = (await learner.test()).error;
    await learner.edit(2, { center: [0.5, 0.5], weigh: 40 });
    const { error } = await learner.test();
    expect(error).not.toBe(before);
    expect(componentAt(packComponents(await learner.model(), problem.sample), 2).center).toEqual([0.5, 0.5]);
    for (let i = 0; i < 60; i++) await learner.step();
    expect((await learner.test()).error).toBeLessThan(error);
    await learner.dispose();
  });
});

describe("a session", () => {
  test.each(["function", "classes", "poisson", "curve", "digits"] as const)(
    "of %s gives whole frames, and leaves nothing behind",
    async (task) => {
      const state = stateOf(task);
      // jax-js forgets two constants of the second derivatives of deep perceptrons whenever it compiles them.
      if (task === "poisson") state.models = state.models.slice(0, 1);
      const before = liveBuffers();
      const session = await Session.begin(1, state, problemOf(task, state), "wasm");
      for (let i = 0; i < 11; i++) await session.advance();
      const { models, step } = await session.frame(true);
      expect(step).toBe(11);
      for (const [i, { progress, field, components, parameters, error }] of models.entries()) {
        expect(progress.steps).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
        expect(progress.errorSteps).toEqual([0, 10]);
        expect([...progress.losses, error].every(Number.isFinite)).toBe(true);
        expect(parameters).toBeGreaterThan(10);
        if (task !== "digits") expect(field!.every(Number.isFinite)).toBe(true);
        if (i === 0 && task !== "digits") expect(components!.length % COMPONENT_STRIDE).toBe(0);
      }
      const again = await session.frame(true);
      expect(again.models[0].progress.steps).toEqual([]); // what was told is not told again
      await session.dispose();
      expect(liveBuffers()).toBe(before);
    },
  );
});

test("curves inside are those that the layers compute", async () => {
  for (const spec of [
    newModel("mlp", { activation: "mixture", size: 3, depth: 1 }),
    newModel("kan", { size: 3 }),
    newModel("fastKan", { size: 3 }),
  ]) {
    const layer = buildLayer(spec, 1, 1);
    const learner = await Learner.create(layer, problemOf("curve", stateOf("curve")), training(0.02));
    for (let i = 0; i < 3; i++) await learner.step();
    const model = await learner.model();
    const { curves, low, high } = curvesInside(model)!;
    expect(curves).toHaveLength(3);
    // The layer that holds them, by itself.
    const at = spec.family === "mlp" ? 1 : 0;
    const inner = {
      config: (layer.config.layers as { type: string }[])[at],
      params: (model.params as ParamTensors[])[at],
    };
    const alone = { layer: fromConfig(inner.config), params: inner.params };
    const width = spec.family === "mlp" ? 3 : 1;
    const xs = Array.from({ length: 49 }, (_, i) => low + ((high - low) * i) / 48);
    const { data } = await predict(alone, {
      data: Float32Array.from({ length: 49 * width }, (_, i) => xs[Math.floor(i / width)]),
      shape: [49, width],
    });
    // FastKAN's bias belongs to no edge.
    for (const [c, curve] of curves.entries()) {
      const shift = data[c] - curve[0];
      for (const [i, value] of curve.entries()) expect(value + shift).toBeCloseTo(data[3 * i + c], 4);
      if (spec.family !== "fastKan") expect(shift).toBeCloseTo(0, 4);
    }
    await learner.dispose();
  }
});

test("the learning rate falls to a fiftieth and stays, or does not fall", () => {
  const falling = { learningRate: 0.1, decay: true };
  expect(learningRateAt(0, falling)).toBeCloseTo(0.1, 12);
  expect(learningRateAt(DECAY_STEPS / 2, falling)).toBeCloseTo(0.051, 12);
  expect(learningRateAt(10 * DECAY_STEPS, falling)).toBeCloseTo(0.002, 12);
  expect(learningRateAt(10 * DECAY_STEPS, { ...falling, decay: false })).toBe(0.1);
});
