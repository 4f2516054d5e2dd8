import { numpy as np } from "@jax-js/jax";
import { describe, expect, test } from "vitest";
import { GmnmError } from "../../src/errors.ts";
import { mlp } from "../../src/models/mlp.ts";
import { dropout } from "../../src/nn/dropout.ts";
import { activation } from "../../src/nn/elementwise.ts";
import { gmnm } from "../../src/nn/gmnm.ts";
import { kan } from "../../src/nn/kan.ts";
import { linear } from "../../src/nn/linear.ts";
import { sequential } from "../../src/nn/sequential.ts";
import { adam } from "../../src/optim/adam.ts";
import { lbfgs } from "../../src/optim/lbfgs.ts";
import { cosine } from "../../src/optim/schedules.ts";
import { sgd } from "../../src/optim/sgd.ts";
import { namedTensors, type ParamTensors } from "../../src/params.ts";
import { type FitOptions, fit } from "../../src/train/fit.ts";
import { crossEntropy, mse } from "../../src/train/losses.ts";
import { accuracy } from "../../src/train/metrics.ts";
import { evaluate, predict } from "../../src/train/predict.ts";
import { maxDifference } from "../forward.ts";
import { liveBuffers } from "../live-buffers.ts";
import { line, waves } from "./examples.ts";

const numbersOf = (params: ParamTensors) => namedTensors(params).flatMap(([, { data }]) => [...data]);
const layer = gmnm(2, 1, { numComponents: 16 });
const fast = { optimizer: adam({ learningRate: 0.02 }) };

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

describe("refuses, in one sentence", () => {
  const refusal = async (examples: unknown, options: FitOptions = {}, of = layer) => {
    const before = liveBuffers();
    const error = await fit(of, examples as Parameters<typeof fit>[1], options).catch((e) => e);
    expect(error).toBeInstanceOf(GmnmError);
    expect(liveBuffers()).toBe(before);
    return error.message;
  };
  const { x, y } = waves(4);
  const rows = [
    [1, 2],
    [3, 4],
  ];

  test("data that is not finite, by row and column", async () => {
    const bad = x.data.with(5, Number.NaN);
    expect(await refusal({ x: { data: bad, shape: [4, 2] }, y })).toBe(
      "gmnm: x has NaN in row 2, column 1 (counted from 0)",
    );
    expect(await refusal({ x, y: [1, 2, Number.POSITIVE_INFINITY, 4] }, { validation: 0.5 })).toBe(
      "gmnm: y has Infinity in row 2, column 0 (counted from 0)",
    );
    expect(await refusal({ x, y }, { validation: { x: [[1, Number.NaN]], y: [1] } })).toBe(
      "gmnm: validation x has NaN in row 0, column 1 (counted from 0)",
    );
  });

  test.each([
    ["a ragged row", { x: [[1, 2], [3]], y: [1, 2] }, "row 1 of x has 1 numbers, the rows before it have 2"],
    ["too wide rows", { x: [[1, 2, 3]], y: [1] }, "rows of x have 3 numbers, expected 2"],
    ["a flat x that does not divide", { x: [1, 2, 3], y: [1] }, "x has 3 numbers, which do not make rows of 2 numbers"],
    ["a flat y that does not divide", { x: rows, y: [1, 2, 3] }, "y has 3 numbers, which do not make 2 rows"],
    ["fewer targets than rows", { x: rows, y: [[1]] }, "x has 2 rows but y has 1"],
    ["no rows", { x: [], y: [] }, "x has no rows"],
    ["no targets", { x: rows, y: [] }, "y has no rows"],
    [
      "targets of another width",
      { x: rows, y: rows },
      "expected y of shape (rows, 1), as the model makes it, got (rows, 2)",
    ],
    [
      "targets that would broadcast",
      { x: rows, y: { data: Float32Array.of(1, 2), shape: [2] } },
      "expected y of shape (rows, 1), as the model makes it, got (rows)",
    ],
    [
      "a tensor of another width",
      { x: { data: new Float32Array(6), shape: [2, 3] }, y: [1, 2] },
      "gmnm expected a sample of shape (rows, 2) to initialise from, got (2, 3)",
    ],
  ])("%s", async (_, examples, sentence) => {
    expect(await refusal(examples)).toBe(`gmnm: ${sentence}`);
  });

  test("a model without parameters", async () => {
    expect(await refusal({ x, y }, {}, activation("relu") as never)).toBe(
      "gmnm: there is nothing to train: the model has no parameters",
    );
  });

  test("a validation set of another width", async () => {
    const validation = { x: rows, y: rows };
    expect(await refusal({ x, y }, { validation, epochs: 1 })).toContain("expected y of shape (rows, 1)");
  });

  test.each([-1, 1.5, Number.NaN])("%d epochs", async (epochs) => {
    expect(await refusal({ x, y }, { epochs })).toBe(`gmnm: epochs must be a whole number, got ${epochs}`);
  });

  test("L-BFGS with batches, dropout or adapting grids", async () => {
    const optimizer = lbfgs();
    expect(await refusal({ x, y }, { optimizer, batchSize: 2 })).toBe(
      "gmnm: L-BFGS needs all rows in every step; leave out batchSize",
    );
    expect(await refusal({ x, y }, { optimizer }, sequential(linear(2, 1), dropout(0.1)) as never)).toBe(
      "gmnm: L-BFGS needs a loss without random numbers; remove dropout",
    );
    expect(await refusal({ x, y }, { optimizer, adaptAfter: [1] }, kan(2, 1) as never)).toBe(
      "gmnm: L-BFGS cannot adapt a model while it runs; adapt it between runs",
    );
  });
});

describe("a loss that stops being finite", () => {
  test("names step, epoch and tensors", async () => {
    const options = { optimizer: sgd({ learningRate: 1e30 }), batchSize: 5, epochs: 9 };
    const error = await fit(mlp([1, 4, 1]), line(10), options).catch((e) => e);
    expect(error).toBeInstanceOf(GmnmError);
    expect(error.message).toMatch(
      /^gmnm: training stopped at step \d+ \(epoch \d+\): loss (NaN|Infinity), .*"(0|2)\.(weights|bias)" not finite.*\. The learning rate was 1e\+30; try a lower one$/,
    );
  });

  test("a gradient that is not finite under a finite loss is found too", async () => {
    // √|p − y| has no gradient where they meet.
    const loss = (p: np.Array, y: np.Array) => np.sqrt(np.abs(p.sub(y))).mean();
    const zero = (shape: number[]) => ({ data: new Float32Array(shape.reduce((a, b) => a * b)), shape });
    const model = { layer: linear(1, 1), params: { weights: zero([1, 1]), bias: zero([1]) } };
    await expect(fit(model, { x: [[1], [2]], y: [0, 0] }, { loss })).rejects.toThrow(
      'gmnm: training stopped at step 1 (epoch 1): loss 0, 1 of the 1 gradients of "weights" not finite, 1 of the 1 gradients of "bias" not finite. The learning rate was 0.03; try a lower one',
    );
  });

  test("without a gradient to blame, the loss alone", async () => {
    const loss = (p: np.Array, y: np.Array) => mse(p, y).add(Number.POSITIVE_INFINITY);
    await expect(fit(linear(1, 1), line(4), { loss })).rejects.toThrow("loss Infinity, every gradient finite.");
  });

  test("at the start of L-BFGS", async () => {
    const loss = (p: np.Array, y: np.Array) => np.log(mse(p, y).neg());
    await expect(fit(linear(1, 1), line(4), { loss, optimizer: lbfgs() })).rejects.toThrow(
      "gmnm: L-BFGS cannot start: at the starting parameters loss NaN, ",
    );
  });

  test("leaves nothing behind", async () => {
    const options = { optimizer: sgd({ learningRate: 1e30 }), epochs: 9, validation: 0.5 };
    const before = liveBuffers();
    await fit(mlp([1, 4, 1]), line(10), options).catch(() => {});
    expect(liveBuffers()).toBe(before);
  });
});

describe("memory", () => {
  const variants: [string, FitOptions, typeof layer][] = [
    ["full batches", { epochs: 300 }, layer],
    [
      "mini-batches, noise, validation",
      { epochs: 50, batchSize: 8, validation: 0.2 },
      sequential(layer, dropout(0.1)) as never,
    ],
    ["adapting", { epochs: 100, adaptAfter: [2, 50] }, sequential(kan(2, 2), kan(2, 1)) as never],
    ["L-BFGS", { epochs: 20, optimizer: lbfgs(), validation: 0.2 }, layer],
  ];

  test.each(variants)("%s: nothing grows while training and nothing is left after", async (_, options, of) => {
    const before = liveBuffers();
    const counts: number[] = [];
    const callbacks = [{ onEpoch: () => void counts.push(liveBuffers()) }];
    const { model } = await fit(of, waves(60), { ...options, callbacks });
    expect(liveBuffers()).toBe(before);
    // The first epochs may still fill caches.
    expect(new Set(counts.slice(3)).size, `live buffers ${[...new Set(counts)]}`).toBe(1);
    await predict(model, waves(60).x, { batchSize: 16 });
    await evaluate(model, waves(60));
    expect(liveBuffers()).toBe(before);
  });

  test("a callback that throws ends the training cleanly", async () => {
    const before = liveBuffers();
    const callbacks = [
      {
        onEpoch: () => {
          throw new Error("mine");
        },
      },
    ];
    for (const optimizer of [adam(), lbfgs()]) {
      await expect(fit(layer, waves(20), { callbacks, optimizer, validation: 0.2 })).rejects.toThrow("mine");
    }
    expect(liveBuffers()).toBe(before);
    expect(process.listenerCount("SIGINT")).toBe(0);
  });
});

test("a nonlinearity without parameters of its own trains within a model", async () => {
  const model = sequential(linear(1, 8), activation("tanh"), linear(8, 1));
  expect((await fit(model, line(30), { ...fast, epochs: 60 })).history.at(-1)!.loss).toBeLessThan(0.05);
});
