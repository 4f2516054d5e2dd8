import { describe, expect, test } from "vitest";
import { dropout } from "../../src/nn/dropout.ts";
import { activation } from "../../src/nn/elementwise.ts";
import { gmnm } from "../../src/nn/gmnm.ts";
import { linear } from "../../src/nn/linear.ts";
import { sequential } from "../../src/nn/sequential.ts";
import { adam } from "../../src/optim/adam.ts";
import { lbfgs } from "../../src/optim/lbfgs.ts";
import { cosine } from "../../src/optim/schedules.ts";
import { sgd } from "../../src/optim/sgd.ts";
import { fit } from "../../src/train/fit.ts";
import { crossEntropy } from "../../src/train/losses.ts";
import { accuracy } from "../../src/train/metrics.ts";
import { evaluate } from "../../src/train/predict.ts";
import { fast, layer, line, numbersOf, waves } from "./examples.ts";

describe("learns", () => {
  test("a function of two variables to an RMSE of 0.02 on rows it has not seen", async () => {
    const { model, history, stopped } = await fit(layer, waves(300), {
      optimizer: adam({ learningRate: cosine(0.05) }),
      epochs: 400,
    });
    expect((await evaluate(model, waves(200, 2))).rmse).toBeLessThan(0.02);
    expect(history.at(-1)!.loss).toBeLessThan(history[0].loss / 100);
    expect(stopped).toBe("completed");
  });

  test("a line exactly, by L-BFGS", async () => {
    const { model, stopped, history } = await fit(linear(1, 1), line(20), { optimizer: lbfgs(), epochs: 100 });
    expect(stopped).toBe("converged");
    expect(numbersOf(model.params)).toEqual([expect.closeTo(2, 5), expect.closeTo(-1, 5)]);
    expect(history.length).toBeLessThan(15);
  });

  test("three classes by cross-entropy", async () => {
    const { x } = waves(300);
    const rows = Array.from({ length: 300 }, (_, i) => [x.data[2 * i], x.data[2 * i + 1]]);
    const classOf = ([a, b]: number[]) => (Math.hypot(a, b) < 0.5 ? 0 : a > 0 ? 1 : 2);
    const y = rows.map((row) => [0, 1, 2].map((c) => Number(c === classOf(row))));
    const { model } = await fit(
      gmnm(2, 3, { numComponents: 16 }),
      { x: rows, y },
      { loss: crossEntropy, ...fast, epochs: 150 },
    );
    const measured = await evaluate(model, { x: rows, y }, { metrics: { accuracy } });
    expect(measured.accuracy).toBeGreaterThan(0.95);
  });

  test("from rows and from flat arrays as from tensors", async () => {
    const { x, y } = waves(20);
    const rows = Array.from({ length: 20 }, (_, i) => [x.data[2 * i], x.data[2 * i + 1]]);
    const options = { epochs: 3 };
    const fromTensors = await fit(layer, { x, y }, options);
    for (const examples of [
      { x: rows, y: [...y.data].map((v) => [v]) },
      { x: x.data, y: y.data },
      { x: rows.map((row) => Float32Array.from(row)), y: [...y.data] },
    ]) {
      expect((await fit(layer, examples, options)).model.params).toEqual(fromTensors.model.params);
    }
  });
});

describe("the same seed", () => {
  const noisy = sequential(gmnm(2, 8, { numComponents: 8 }), dropout(0.3), linear(8, 1));
  const train = (seed: number) => fit(noisy, waves(60), { ...fast, epochs: 4, batchSize: 16, validation: 0.2, seed });

  test("gives the same bits, another seed others", async () => {
    const [a, b, c] = [await train(5), await train(5), await train(6)];
    const timeless = ({ history }: typeof a) => history.map(({ seconds, ...record }) => record);
    expect(timeless(b)).toEqual(timeless(a));
    expect(b.model.params).toEqual(a.model.params);
    expect(timeless(c)).not.toEqual(timeless(a));
    expect(c.model.params).not.toEqual(a.model.params);
  });
});

describe("the history", () => {
  test("has a record per epoch, with steps, losses, learning rates and times", async () => {
    const { history } = await fit(layer, waves(50), {
      optimizer: sgd({ learningRate: cosine(0.1) }),
      epochs: 5,
      batchSize: 16,
      validation: waves(20, 9),
      validateEvery: 2,
    });
    expect(history.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4, 5]);
    expect(history.map(({ step }) => step)).toEqual([3, 6, 9, 12, 15]); // 50 rows make 3 batches of 16
    expect(history.map(({ validationLoss }) => validationLoss !== undefined)).toEqual([false, true, false, true, true]);
    expect(history[0].learningRate).toBeCloseTo(cosine(0.1)(2, 15), 12);
    const seconds = history.map((record) => record.seconds);
    expect(seconds).toEqual(seconds.toSorted((a, b) => a - b));
    for (const { loss } of history) expect(loss).toBeGreaterThan(0);
  });

  test("the first loss is that of the starting parameters", async () => {
    const data = line(10);
    const model = {
      layer: linear(1, 1),
      params: { weights: { data: Float32Array.of(1), shape: [1, 1] }, bias: { data: Float32Array.of(0), shape: [1] } },
    };
    const { history } = await fit(model, data, { epochs: 1 });
    const expected = [...data.x.data].reduce((sum, x) => sum + (x - 1) ** 2, 0) / 10; // x − (2x − 1)
    expect(history[0].loss).toBeCloseTo(expected, 5);
  });

  test("no epochs: an empty history and the model as it starts", async () => {
    for (const optimizer of [adam(), lbfgs()]) {
      const { model, history, stopped } = await fit(layer, waves(20), { epochs: 0, optimizer });
      expect({ history, stopped }).toEqual({ history: [], stopped: "completed" });
      expect(numbersOf(model.params).every(Number.isFinite)).toBe(true);
    }
  });
});

describe("a trained model", () => {
  test.each([
    ["Adam", fast.optimizer],
    ["L-BFGS", lbfgs()],
  ])("%s: continues where it ended", async (_, optimizer) => {
    const data = waves(100);
    const first = await fit(layer, data, { optimizer, epochs: 30 });
    const before = (await evaluate(first.model, data)).rmse ** 2;
    const held = structuredClone(first.model.params);
    const second = await fit(first.model, data, { optimizer, epochs: 30 });
    if (optimizer === fast.optimizer) expect(second.history[0].loss).toBeCloseTo(before, 6);
    else expect(second.history[0].loss).toBeLessThanOrEqual(before * 1.001);
    expect(second.history.at(-1)!.loss).toBeLessThan(before);
    expect(first.model.params).toEqual(held); // the given model is left as it was
  });
});

test("a nonlinearity without parameters of its own trains within a model", async () => {
  const model = sequential(linear(1, 8), activation("tanh"), linear(8, 1));
  expect((await fit(model, line(30), { ...fast, epochs: 60 })).history.at(-1)!.loss).toBeLessThan(0.05);
});
