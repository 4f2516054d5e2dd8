import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { numpy as np, tree } from "@jax-js/jax";
import { afterAll, expect, test } from "vitest";
import { GmnmError } from "../../src/errors.ts";
import { checkpoint } from "../../src/io/checkpoint.ts";
import { load } from "../../src/io/file.ts";
import { batchNorm, type Layer, linear, residual, sequential } from "../../src/nn/index.ts";
import { lbfgs } from "../../src/optim/lbfgs.ts";
import { sgd } from "../../src/optim/sgd.ts";
import { namedTensors, type ParamTensors } from "../../src/params.ts";
import { Random } from "../../src/random.ts";
import { type Tensor, tensor, toArray } from "../../src/tensor.ts";
import { BufferUpdates, replace } from "../../src/train/buffer-updates.ts";
import { fit } from "../../src/train/fit.ts";
import { evaluate, predict } from "../../src/train/predict.ts";
import { hasNative } from "../compile/native.ts";
import { liveBuffers } from "../live-buffers.ts";

const folder = mkdtempSync(join(tmpdir(), "gmnm-buffers-"));
afterAll(() => rmSync(folder, { recursive: true }));

const executors = hasNative ? (["wasm", "native"] as const) : (["wasm"] as const);
const of = (params: ParamTensors, path: string): Tensor => new Map(namedTensors(params)).get(path)!;

/** Two features far from mean 0 and variance 1, and a target that is linear in them. */
function shifted(rows: number, seed: number) {
  const random = new Random(seed);
  const x = Array.from({ length: rows }, () => [5 + 3 * random.gaussian(), -2 + 0.5 * random.gaussian()]);
  return {
    x: tensor(x.flat(), [rows, 2]),
    y: tensor(
      x.map(([a, b]) => (a - 5) / 3 - (b + 2) / 0.5),
      [rows, 1],
    ),
  };
}

test.each(executors)(
  "fit moves running statistics, with which the model predicts as it trained, on %s",
  async (executor) => {
    const layer = sequential(residual(batchNorm(2)), batchNorm(2), linear(2, 1));
    const data = shifted(512, 1);
    const path = join(folder, `${executor}.safetensors`);
    const { model, history } = await fit(layer, data, {
      epochs: 40,
      batchSize: 64,
      executor,
      validation: shifted(256, 2),
      callbacks: [checkpoint(layer, path)],
      progress: false,
    });
    expect(of(model.params, "0.buffers.mean").data[0]).toBeCloseTo(5, 0);
    expect(Math.sqrt(of(model.params, "0.buffers.variance").data[0])).toBeCloseTo(3, 0);
    expect(history.at(-1)!.validationLoss).toBeLessThan(0.02);
    const held = shifted(256, 2);
    expect((await evaluate(model, held, { executor })).rmse ** 2).toBeCloseTo(history.at(-1)!.validationLoss!, 4);
    // A checkpoint holds them, too.
    const loaded = await load(path);
    expect(namedTensors(loaded.params)).toEqual(namedTensors(model.params));
    expect(await predict(loaded, held.x, { executor })).toEqual(await predict(model, held.x, { executor }));
  },
);

test.each(executors)("a step that is not finite leaves running statistics as they were, on %s", async (executor) => {
  const layer = sequential(batchNorm(1, { momentum: 1 }), linear(1, 1));
  const start = { x: tensor([1, 2], [2, 1]), y: tensor([1, 2], [2, 1]) };
  const { model } = await fit(layer, start, { epochs: 1, executor, progress: false });
  const data = { x: tensor([30, 70], [2, 1]), y: tensor([1e25, 1], [2, 1]) };
  const failed = await fit(model, data, { epochs: 3, executor, progress: false }).catch((error) => error);
  expect(failed.message).toMatch(/training stopped at step 1 /);
  expect(namedTensors(failed.params)).toEqual(namedTensors(model.params));
});

test("L-BFGS refuses a layer with running statistics in one sentence", async () => {
  const layer = sequential(batchNorm(2), linear(2, 1));
  const said = "L-BFGS cannot keep running statistics; train with adam, or without batch normalisation";
  for (const executor of executors) {
    const training = fit(layer, shifted(20, 1), { optimizer: lbfgs(), epochs: 2, executor, progress: false });
    await expect(training).rejects.toThrow(new GmnmError(said));
  }
});

/** Adds a buffer that counts the steps of training, to a factor that is trained. */
const counter = (update: (count: np.Array, context: Parameters<Layer["apply"]>[2]) => void): Layer => ({
  config: { type: "counter" },
  init: () => ({ factor: np.ones([1]), buffers: { count: np.zeros([1]) } }),
  apply(params, x, context) {
    const { factor, buffers } = params as { factor: np.Array; buffers: { count: np.Array } };
    update(buffers.count, context);
    buffers.count.dispose();
    return x.mul(factor);
  },
});
const ones = { x: tensor([1, 1], [2, 1]), y: tensor([1, 1], [2, 1]) };
const options = { epochs: 7, optimizer: sgd({ learningRate: 0.1 }), progress: false } as const;

test.each(executors)("any layer can hand over a new value of its buffer, on %s", async (executor) => {
  const layer = counter((count, context) => context?.update?.(count, count.ref.add(1)));
  const { model } = await fit(layer, ones, { ...options, executor });
  expect([...of(model.params, "buffers.count").data]).toEqual([7]);
});

test("says which buffer cannot take a value of another shape, and that only buffers can be updated", async () => {
  const reshaping = counter((count, context) => context?.update?.(count, np.zeros([2])));
  const said = 'buffer "buffers.count" has shape (1) and cannot become one of (2)';
  await expect(fit(reshaping, ones, options)).rejects.toThrow(new GmnmError(said));
  const stranger = counter((_, context) => context?.update?.(np.zeros([1]), np.zeros([1])));
  await expect(fit(stranger, ones, options)).rejects.toThrow(/only update an array that stands under its key buffers/);
});

test("of two values for one buffer the later counts, and no array is left behind", () => {
  const before = liveBuffers();
  const buffers = { a: toArray(tensor([1], [1])), b: toArray(tensor([2], [1])) };
  const updates = new BufferUpdates(buffers);
  updates.update(buffers.a, toArray(tensor([3], [1])));
  updates.update(buffers.a, toArray(tensor([4], [1])));
  const next = replace(buffers, updates.take());
  expect(Object.values(next).map((array) => array.ref.item())).toEqual([4, 2]);
  expect(updates.take()).toEqual({});
  tree.dispose(next);
  expect(liveBuffers()).toBe(before);
});
