import { expect, test } from "vitest";
import type { ExampleDataset } from "../../src/data/dataset.ts";
import { linear } from "../../src/nn/linear.ts";
import { lbfgs } from "../../src/optim/lbfgs.ts";
import type { Random } from "../../src/random.ts";
import { type Tensor, takeRows } from "../../src/tensor.ts";
import { fit } from "../../src/train/fit.ts";
import { mse } from "../../src/train/losses.ts";
import { minimize } from "../../src/train/minimize.ts";
import { evaluate, predict } from "../../src/train/predict.ts";
import { liveBuffers } from "../live-buffers.ts";
import { layer, waves } from "./examples.ts";

/** Tensors as a data set that keeps account of what it was asked for. */
function counted({ x, y }: { x: Tensor; y: Tensor }) {
  const asked: { rows: number[]; random: boolean }[] = [];
  const dataset: ExampleDataset = {
    rows: x.shape[0],
    take(rows, random?: Random) {
      asked.push({ rows: Array.from(rows), random: random !== undefined });
      return { x: takeRows(x, rows), y: takeRows(y, rows) };
    },
  };
  return { dataset, asked };
}

const quiet = { progress: false as const, epochs: 3 };

test("a data set trains to the same numbers as its tensors do", async () => {
  const examples = waves(50);
  const options = { ...quiet, batchSize: 16, validation: 0.2 };
  const whole = await fit(layer, examples, options);
  const before = liveBuffers();
  const streamed = await fit(layer, counted(examples).dataset, options);
  expect(liveBuffers()).toBe(before);
  expect(streamed.model.params).toEqual(whole.model.params);
  const losses = ({ history }: typeof whole) => history.map(({ loss, validationLoss }) => [loss, validationLoss]);
  expect(losses(streamed)).toEqual(losses(whole));
});

test("batches are 256 rows unless asked otherwise; only training gets random numbers, and never held-out rows", async () => {
  const { dataset, asked } = counted(waves(600));
  await fit(layer, dataset, { ...quiet, epochs: 2, validation: 0.1, sampleRows: 40 });
  expect(asked[0]).toMatchObject({ rows: { length: 40 }, random: false });
  const trained = asked.filter(({ random }) => random).map(({ rows }) => rows);
  // One batch is only looked at to learn the shapes; then two of 540 rows' three make an epoch.
  expect(trained.map((rows) => rows.length)).toEqual([256, 256, 256, 256, 256]);
  const validated = asked.slice(1).filter(({ random }) => !random);
  expect(validated.map(({ rows }) => rows.length)).toEqual([60, 60]);
  const held = new Set(validated[0].rows);
  expect(trained.flat().some((row) => held.has(row))).toBe(false);
});

test("validation in several batches is the mean over all rows", async () => {
  const { dataset } = counted(waves(700));
  const { model, history } = await fit(layer, dataset, { ...quiet, validation: dataset, optimizer: lbfgs() });
  const measured = await evaluate(model, dataset, { metrics: { mse: (p, t) => meanSquare(p, t) } });
  expect(history.at(-1)!.validationLoss).toBeCloseTo(measured.mse, 6);
});

const meanSquare = (p: Tensor, t: Tensor) =>
  p.data.reduce((sum, value, i) => sum + (value - t.data[i]) ** 2, 0) / p.data.length;

test("L-BFGS takes all rows at once, and minimize takes data sets, too", async () => {
  const { dataset, asked } = counted(waves(30));
  const { model } = await fit(linear(2, 1), dataset, { ...quiet, optimizer: lbfgs() });
  expect(asked.at(-1)!.rows).toEqual(Array.from({ length: 30 }, (_, i) => i));
  const objective: Parameters<typeof minimize>[0] = (p, { x, y }) => mse(model.layer.apply(p, x, {}), y);
  const { history } = await minimize(objective, model.params, dataset, quiet);
  expect(history).toHaveLength(3);
});

test("predict and evaluate over a data set say what they say over its tensors, for any batch size", async () => {
  const examples = waves(23);
  const { dataset, asked } = counted(examples);
  const { model } = await fit(layer, examples, quiet);
  for (const batchSize of [1, 5, 23, 64]) {
    asked.length = 0;
    expect(await predict(model, dataset, { batchSize })).toEqual(await predict(model, examples.x, { batchSize }));
    // Every row is made once, a batch at a time.
    expect(asked.flatMap(({ rows }) => [...rows])).toEqual(Array.from({ length: 23 }, (_, i) => i));
    expect(Math.max(...asked.map(({ rows }) => rows.length))).toBe(Math.min(batchSize, 23));
    expect(await evaluate(model, dataset, { batchSize })).toEqual(await evaluate(model, examples, { batchSize }));
  }
  expect(asked.some(({ random }) => random)).toBe(false);
});

test.each([
  ["no rows", { rows: 0 }, {}, "there are no rows to train on"],
  [
    "too large batches",
    {},
    { batchSize: 31 },
    "batchSize must be a whole number from 1 to the 30 rows there are, got 31",
  ],
  ["a sample of nothing", {}, { sampleRows: 0 }, "sampleRows must be a whole number above 0, got 0"],
  [
    "a share that leaves nothing",
    {},
    { validation: 1 },
    "validation must leave at least one of 30 rows on either side",
  ],
])("%s are refused", async (_, change, options, sentence) => {
  const { dataset } = counted(waves(30));
  await expect(fit(layer, { ...dataset, ...change }, { ...quiet, ...options })).rejects.toThrow(`gmnm: ${sentence}`);
});

test("a value that is not finite is named by its row in the data set", async () => {
  const { x, y } = waves(30);
  const { dataset } = counted({ x: { ...x, data: x.data.with(2 * 17, Number.NaN) }, y });
  const { model } = await fit(layer, { x, y }, quiet);
  await expect(predict(model, dataset, { batchSize: 8 })).rejects.toThrow(
    "gmnm: x has NaN in row 17, column 0 (counted from 0)",
  );
});
