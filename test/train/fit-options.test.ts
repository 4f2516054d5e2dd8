import type { numpy as np } from "@jax-js/jax";
import { describe, expect, test } from "vitest";
import { dropout } from "../../src/nn/dropout.ts";
import { gmnm } from "../../src/nn/gmnm.ts";
import { kan } from "../../src/nn/kan.ts";
import { linear } from "../../src/nn/linear.ts";
import { sequential } from "../../src/nn/sequential.ts";
import { lbfgs } from "../../src/optim/lbfgs.ts";
import { sgd } from "../../src/optim/sgd.ts";
import { namedTensors, type ParamTensors } from "../../src/params.ts";
import { type FitOptions, fit } from "../../src/train/fit.ts";
import { mse } from "../../src/train/losses.ts";
import { evaluate, predict } from "../../src/train/predict.ts";
import { maxDifference } from "../forward.ts";
import { liveBuffers } from "../live-buffers.ts";
import { fast, layer, line, waves } from "./examples.ts";

describe("validation", () => {
  test("a share holds out so many rows, which are then not trained on", async () => {
    const seen: number[][] = [];
    const spy = (prediction: np.Array, target: np.Array) => {
      seen.push(target.shape);
      return mse(prediction, target);
    };
    const { history } = await fit(layer, waves(50), { loss: spy, validation: 0.3, epochs: 2 });
    expect(new Set(seen.map(String))).toEqual(new Set(["35,1", "15,1"]));
    expect(history[1].validationLoss).toBeGreaterThan(0);
  });

  test("given examples are measured with the loss after the epoch", async () => {
    const held = waves(30, 4);
    const { model, history } = await fit(layer, waves(50), { ...fast, epochs: 3, validation: held });
    expect(history[2].validationLoss).toBeCloseTo((await evaluate(model, held)).rmse ** 2, 6);
  });

  test.each([0, 1, -0.1, 0.999, Number.NaN])("a share of %d of 20 rows is refused", async (validation) => {
    await expect(fit(layer, waves(20), { validation })).rejects.toThrow(
      `gmnm: validation must leave at least one of 20 rows on either side, got a share of ${validation}`,
    );
  });

  test("dropout is off in it", async () => {
    const model = sequential(linear(1, 1), dropout(0.9));
    const held = line(10);
    const { model: trained, history } = await fit(model, line(10), { epochs: 1, validation: held });
    expect(history[0].validationLoss).toBeCloseTo((await evaluate(trained, held)).rmse ** 2, 6);
  });
});

describe("batches", () => {
  test("all rows up to 1024, above 256 at a time", async () => {
    const steps = async (rows: number, options: FitOptions = {}) =>
      (await fit(linear(2, 1), waves(rows), { epochs: 1, ...options })).history[0].step;
    expect(await steps(1024)).toBe(1);
    expect(await steps(1100)).toBe(4);
    expect(await steps(1100, { batchSize: undefined })).toBe(4);
    expect(await steps(1100, { batchSize: 1100 })).toBe(1);
    expect(await steps(10, { batchSize: 1 })).toBe(10);
    expect(await steps(1100, { optimizer: lbfgs() })).toBeGreaterThan(0);
  });

  test.each([0, -1, 2.5, 21, Number.NaN])(
    "a batch of %d of 20 rows is refused, and nothing left behind",
    async (size) => {
      const before = liveBuffers();
      await expect(fit(layer, waves(20), { batchSize: size })).rejects.toThrow(
        `gmnm: batchSize must be a whole number from 1 to the 20 rows there are, got ${size}`,
      );
      expect(liveBuffers()).toBe(before);
    },
  );
});

describe("dropout", () => {
  const model = sequential(gmnm(2, 32, { numComponents: 16 }), dropout(0.5), linear(32, 1));

  test("is fed fresh numbers in every step, and is off in predict", async () => {
    // With a learning rate too small to matter only dropout can change the loss.
    const still = { optimizer: sgd({ learningRate: 1e-12 }), epochs: 6 };
    const { history, model: trained } = await fit(model, waves(40), still);
    expect(new Set(history.map(({ loss }) => loss)).size).toBe(6);
    const [a, b] = [await predict(trained, waves(40).x), await predict(trained, waves(40).x)];
    expect(a).toEqual(b);
  });

  test("learns nevertheless", async () => {
    const { model: trained } = await fit(model, waves(200), { ...fast, epochs: 150 });
    expect((await evaluate(trained, waves(200))).r2).toBeGreaterThan(0.8);
  });
});

describe("adaptAfter", () => {
  const spline = () => sequential(kan(2, 3), kan(3, 1));
  const gridOf = (params: ParamTensors) =>
    namedTensors(params)
      .filter(([path]) => path === "1.buffers.grid")
      .flatMap(([, { data }]) => [...data]);

  test("refits inner grids after those epochs, which without it never move", async () => {
    const started = gridOf((await fit(spline(), waves(60), { epochs: 0 })).model.params);
    const free = await fit(spline(), waves(60), { ...fast, epochs: 12 });
    const adapted = await fit(spline(), waves(60), { ...fast, epochs: 12, adaptAfter: [5, 10] });
    expect(gridOf(free.model.params)).toEqual(started);
    expect(maxDifference(gridOf(adapted.model.params), started)).toBeGreaterThan(0.01);
    expect(adapted.history.slice(0, 5).map(({ loss }) => loss)).toEqual(
      free.history.slice(0, 5).map(({ loss }) => loss),
    );
    // The function hardly changes, so neither does the loss.
    expect(adapted.history[5].loss / free.history[5].loss).toBeCloseTo(1, 1);
    expect(adapted.history[11].loss).toBeLessThan(adapted.history[0].loss);
  });

  test("means nothing to layers without a grid", async () => {
    expect((await fit(layer, waves(20), { epochs: 2, adaptAfter: [1] })).history).toHaveLength(2);
  });
});
