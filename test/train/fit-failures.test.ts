import { numpy as np } from "@jax-js/jax";
import { describe, expect, test } from "vitest";
import { GmnmError } from "../../src/errors.ts";
import { mlp } from "../../src/models/mlp.ts";
import { dropout } from "../../src/nn/dropout.ts";
import { kan } from "../../src/nn/kan.ts";
import { linear } from "../../src/nn/linear.ts";
import { sequential } from "../../src/nn/sequential.ts";
import { adam } from "../../src/optim/adam.ts";
import { lbfgs } from "../../src/optim/lbfgs.ts";
import { sgd } from "../../src/optim/sgd.ts";
import { type FitOptions, fit } from "../../src/train/fit.ts";
import { mse } from "../../src/train/losses.ts";
import { evaluate, predict } from "../../src/train/predict.ts";
import type { EpochRecord } from "../../src/train/run.ts";
import { liveBuffers } from "../live-buffers.ts";
import { layer, line, waves } from "./examples.ts";

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

  const everywhere = (["auto", "wasm"] as const).flatMap((executor) =>
    variants.map(([name, options, of]) => [name, executor, { ...options, executor }, of] as const),
  );

  test.each(everywhere)("%s on %s: nothing grows while training, nothing is left after", async (_, __, options, of) => {
    const before = liveBuffers();
    const counts: number[] = [];
    const onEpoch = ({ epoch }: EpochRecord) => {
      // The first epochs may still fill caches, and what was just refitted is computed by the next step.
      if (epoch > 3 && !options.adaptAfter?.includes(epoch)) counts.push(liveBuffers());
    };
    const callbacks = [{ onEpoch }];
    const { model } = await fit(of, waves(60), { ...options, callbacks });
    expect(liveBuffers()).toBe(before);
    expect(new Set(counts).size, `live buffers ${[...new Set(counts)]}`).toBe(1);
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
