import type { numpy as np } from "@jax-js/jax";
import { describe, expect, test } from "vitest";
import { dropout } from "../../src/nn/dropout.ts";
import type { AnyLayer, Params } from "../../src/nn/layer.ts";
import { linear } from "../../src/nn/linear.ts";
import { sequential } from "../../src/nn/sequential.ts";
import { adam } from "../../src/optim/adam.ts";
import { lbfgs } from "../../src/optim/lbfgs.ts";
import { Random } from "../../src/random.ts";
import { tensor } from "../../src/tensor.ts";
import { initialParams } from "../../src/train/fit.ts";
import { mse } from "../../src/train/losses.ts";
import { minimize } from "../../src/train/minimize.ts";
import { stepwise } from "../../src/train/stepwise.ts";
import { liveBuffers } from "../live-buffers.ts";
import { layer, line, numbersOf, waves } from "./examples.ts";

const objectiveOf =
  (of: AnyLayer) =>
  (p: Params, { x, y }: Record<string, np.Array>, context: object) =>
    mse(of.apply(p, x, context), y);
const data = waves(64);
const start = () => initialParams(layer, new Random(3), data.x);

describe.each(["wasm", "native"] as const)("stepwise on %s", (executor) => {
  test.each([
    ["adam", adam({ learningRate: 0.02 })],
    ["L-BFGS", lbfgs()],
  ])("takes minimize's steps: %s", async (_, optimizer) => {
    const before = liveBuffers();
    const training = await stepwise(objectiveOf(layer), start(), data, { optimizer, executor });
    const losses: number[] = [];
    for (let i = 0; i < 5; i++) losses.push((await training.step()).loss);
    const params = await training.params();
    await training.dispose();
    const options = { optimizer, executor, epochs: 5, progress: false } as const;
    const whole = await minimize(objectiveOf(layer), start(), data, options);
    expect(losses).toEqual(whole.history.map(({ loss }) => loss));
    expect(numbersOf(params)).toEqual(numbersOf(whole.params));
    expect(liveBuffers()).toBe(before);
  });

  test("takes shuffled batches, epoch after epoch, as minimize does", async () => {
    const optimizer = adam({ learningRate: 0.02 });
    const batches = { optimizer, executor, batchSize: 20, seed: 5 };
    const training = await stepwise(objectiveOf(layer), start(), data, batches);
    for (let i = 0; i < 7; i++) await training.step(); // 3 of 64 rows fill an epoch
    const whole = await minimize(objectiveOf(layer), start(), data, { ...batches, epochs: 3, progress: false });
    await training.step();
    await training.step();
    expect(numbersOf(await training.params())).toEqual(numbersOf(whole.params));
    await training.dispose();
  });

  test("goes on from other parameters", async () => {
    for (const optimizer of [adam({ learningRate: 0.02 }), lbfgs()]) {
      const training = await stepwise(objectiveOf(layer), start(), data, { optimizer, executor });
      const first = await training.step();
      await training.step();
      await training.replace(start());
      expect(numbersOf(await training.params())).toEqual(numbersOf(start()));
      const again = await training.step();
      // Adam's loss is that before the step, so it is the start's again; L-BFGS begins anew altogether.
      expect(again.loss).toBe(first.loss);
      await training.dispose();
    }
  });
});

test("a step that is not finite changes nothing and says so", async () => {
  const optimizer = adam({ learningRate: 1e38 });
  const training = await stepwise(
    objectiveOf(linear(1, 1)),
    { weights: tensor([1], [1, 1]), bias: tensor([0], [1]) },
    line(8),
    { optimizer, executor: "wasm" },
  );
  await training.step();
  const learnt = numbersOf(await training.params());
  expect((await training.step()).loss).toBeNaN();
  expect(numbersOf(await training.params())).toEqual(learnt);
  await training.dispose();
});

test("L-BFGS says when there is nothing left to find", async () => {
  const affine = linear(1, 1);
  const training = await stepwise(objectiveOf(affine), initialParams(affine, new Random(0)), line(8), {
    optimizer: lbfgs(),
    executor: "wasm",
  });
  let converged = false;
  for (let i = 0; i < 50 && !converged; i++) ({ converged } = await training.step());
  expect(converged).toBe(true);
  const { loss } = await training.step();
  expect(loss).toBeLessThan(1e-9);
  await training.dispose();
});

test("refuses random numbers, data that is not finite, and batches that there are not", async () => {
  const optimizer = adam();
  const dropping = sequential(linear(1, 4), dropout(0.5), linear(4, 1));
  const params = initialParams(dropping, new Random(0));
  await expect(stepwise(objectiveOf(dropping), params, line(8), { optimizer })).rejects.toThrow("remove dropout");
  const hole = { x: tensor([1, Number.NaN], [2, 1]), y: tensor([1, 2], [2, 1]) };
  await expect(stepwise(objectiveOf(layer), start(), hole, { optimizer })).rejects.toThrow("x has NaN in row 1");
  await expect(stepwise(objectiveOf(layer), start(), data, { optimizer, batchSize: 65 })).rejects.toThrow(
    "batchSize must be a whole number from 1 to the 64 rows there are, got 65",
  );
  await expect(stepwise(objectiveOf(layer), start(), data, { optimizer: lbfgs(), batchSize: 8 })).rejects.toThrow(
    "leave out batchSize",
  );
});
