import { describe, expect, test } from "vitest";
import { gmnmForecaster } from "../../src/models/gmnm-forecaster.ts";
import { gmnm } from "../../src/nn/gmnm.ts";
import { Random } from "../../src/random.ts";
import { takeRows, tensor } from "../../src/tensor.ts";
import { predict } from "../../src/train/predict.ts";
import { predictor } from "../../src/train/predictor.ts";
import { started } from "../export/samples.ts";
import { liveBuffers } from "../live-buffers.ts";

const model = started(gmnm(3, 2, { numComponents: 5 }));
const x = new Random(2).normal([100, 3]);
const executors = ["native", "wasm"] as const;

describe.each(executors)("on %s", (executor) => {
  test("calls of any number of rows, one after another and at once, get their own rows", async () => {
    const before = liveBuffers();
    const expected = await predict(model, x, { executor });
    const say = await predictor(model, { batchSize: 8, executor });
    const random = new Random(4);
    const asked = Array.from({ length: 60 }, () => {
      const first = Math.floor(random.uniform() * 80);
      return Uint32Array.from({ length: 1 + Math.floor(random.uniform() * 20) }, (_, i) => first + i);
    });
    for (const rows of asked.slice(0, 5)) {
      expect(await say(takeRows(x, rows))).toEqual(takeRows(expected, rows));
    }
    const answers = await Promise.all(asked.map((rows) => say(takeRows(x, rows))));
    for (const [i, rows] of asked.entries()) expect(answers[i]).toEqual(takeRows(expected, rows));
    await say.dispose();
    expect(liveBuffers()).toBe(before);
  });

  test("a call that does not fit fails alone", async () => {
    const say = await predictor(model, { batchSize: 8, executor });
    const good = say(takeRows(x, [0]));
    const wide = say(tensor([1, 2, 3, 4], [1, 4]));
    const after = say(takeRows(x, [1]));
    await Promise.all([
      expect(wide).rejects.toThrow("gmnm expected x of shape (batch, 3), got (8, 4)"),
      expect(say(tensor([1, Infinity, 3], [1, 3]))).rejects.toThrow("x has Infinity in row 0, column 1"),
    ]);
    expect((await good).shape).toEqual([1, 2]);
    expect(await after).toEqual(await say(takeRows(x, [1])));
    await say.dispose();
  });

  test("disposed of while calls are under way, it ends them first", async () => {
    const say = await predictor(model, { batchSize: 4, executor });
    const calls = Array.from({ length: 10 }, (_, i) => say(takeRows(x, [i])));
    await say.dispose();
    await say.dispose();
    expect(await Promise.all(calls)).toHaveLength(10);
    await expect(say(takeRows(x, [0]))).rejects.toThrow("this predictor has been disposed of");
  });
});

test("series keep their axes", async () => {
  const forecaster = started(gmnmForecaster(6, 3, { numComponents: 4 }));
  const say = await predictor(forecaster, { batchSize: 4 });
  const series = new Random(5).normal([6, 6, 2]);
  const y = await say(series);
  expect(y.shape).toEqual([6, 3, 2]);
  expect(y).toEqual(await predict(forecaster, series));
  await say.dispose();
});

test("refuses a batch that is no number of rows", async () => {
  await expect(predictor(model, { batchSize: 0 })).rejects.toThrow("batchSize must be a whole number above 0, got 0");
});
