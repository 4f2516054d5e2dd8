import { describe, expect, test } from "vitest";
import { gmnm } from "../../src/nn/gmnm.ts";
import { linear } from "../../src/nn/linear.ts";
import { adam } from "../../src/optim/adam.ts";
import { lbfgs } from "../../src/optim/lbfgs.ts";
import type { ParamTensors } from "../../src/params.ts";
import { earlyStopping, timeBudget } from "../../src/train/callbacks.ts";
import { fit } from "../../src/train/fit.ts";
import { evaluate } from "../../src/train/predict.ts";
import type { Callback, EpochRecord, Run } from "../../src/train/run.ts";
import { waves } from "./examples.ts";

/** Feeds validation losses to a callback; gives the epoch it stopped after and the epoch whose parameters it kept. */
async function replay(callback: Callback, losses: (number | undefined)[], validates = true) {
  let stopped: number | undefined;
  let kept: unknown;
  for (const [i, validationLoss] of losses.entries()) {
    const epoch = i + 1;
    const run: Run = {
      epochs: losses.length,
      validates,
      // The callback hands parameters on unread: a number tells here which epoch they are of.
      params: async () => epoch as unknown as ParamTensors,
      keep: (params) => {
        kept = params;
      },
      stop: () => {
        stopped ??= epoch;
      },
    };
    const record: EpochRecord = { epoch, step: epoch, loss: validationLoss ?? 1, validationLoss, seconds: epoch / 10 };
    await callback.onEpoch!(record, run);
    if (stopped) break;
  }
  return { stopped, kept };
}

describe("earlyStopping", () => {
  test.each([
    ["stops after so many epochs without improvement", { patience: 2 }, [5, 4, 3, 4, 4, 4, 4], 5, 3],
    ["an improvement starts the count anew", { patience: 2 }, [5, 6, 4, 6, 3, 6, 6], 7, 5],
    ["never stops while it improves", { patience: 1 }, [5, 4, 3, 2], undefined, 4],
    [
      "epochs without validation count, but cannot stop",
      { patience: 2 },
      [5, undefined, undefined, undefined, 6],
      5,
      1,
    ],
    ["too small an improvement does not count", { patience: 2, minDelta: 1 }, [5, 4.5, 4.2], 3, 1],
    ["not a number is no improvement", { patience: 2 }, [5, Number.NaN, Number.NaN], 3, 1],
    ["the training loss", { patience: 1, monitor: "loss" as const }, [5, 4, 4.5, 3], 3, 2],
  ])("%s", async (_, options, losses, stopped, kept) => {
    expect(await replay(earlyStopping(options), losses)).toEqual({ stopped, kept });
  });

  test("can be used for a second training", async () => {
    const callback = earlyStopping({ patience: 2 });
    await replay(callback, [1, 0.5, 2, 2]);
    expect(await replay(callback, [9, 8, 7, 8, 8])).toEqual({ stopped: 5, kept: 3 });
  });

  test("returns the best parameters", async () => {
    const [few, held] = [waves(12), waves(100, 7)];
    const { model, history, stopped } = await fit(gmnm(2, 1, { numComponents: 24 }), few, {
      optimizer: adam({ learningRate: 0.1 }),
      epochs: 400,
      validation: held,
      validateEvery: 1,
      callbacks: [earlyStopping({ patience: 15 })],
    });
    const losses = history.map(({ validationLoss }) => validationLoss!);
    expect(stopped).toBe("early stopping");
    expect(losses.indexOf(Math.min(...losses))).toBe(history.length - 1 - 15);
    expect((await evaluate(model, held)).rmse ** 2).toBeCloseTo(Math.min(...losses), 5);
  });

  test("without validation says so in the first epoch", async () => {
    const epochs: number[] = [];
    const watch = { onEpoch: ({ epoch }: EpochRecord) => void epochs.push(epoch) };
    await expect(fit(linear(2, 1), waves(9), { callbacks: [watch, earlyStopping()] })).rejects.toThrow(
      "gmnm: early stopping has no validation loss to monitor; hold out some rows with validation",
    );
    expect(epochs).toEqual([1]);
    const { history } = await fit(linear(2, 1), waves(9), {
      epochs: 3,
      callbacks: [earlyStopping({ monitor: "loss" })],
    });
    expect(history).toHaveLength(3);
  });
});

describe("timeBudget", () => {
  test("ends a training that would take far longer", async () => {
    const { history, stopped } = await fit(linear(2, 1), waves(20), { epochs: 1e6, callbacks: [timeBudget(0.2)] });
    expect(stopped).toBe("time budget");
    expect(history.at(-1)!.seconds).toBeGreaterThanOrEqual(0.2);
    expect(history.at(-1)!.seconds).toBeLessThan(2);
  });
});

describe("a callback", () => {
  test.each([
    ["Adam", adam()],
    ["L-BFGS", lbfgs()],
  ])("%s: sees each record and the parameters after it, may stop and keep, and hears the end", async (_, optimizer) => {
    const seen: { epoch: number; params: ParamTensors }[] = [];
    const ends: string[] = [];
    const callback: Callback = {
      async onEpoch({ epoch }, run) {
        await Promise.resolve();
        seen.push({ epoch, params: await run.params() });
        if (epoch === 2) run.keep(await run.params());
        if (epoch === 4) run.stop();
      },
      onEnd: (reason) => void ends.push(reason),
    };
    const data = waves(30);
    const { model, stopped } = await fit(gmnm(2, 1, { numComponents: 4 }), data, { optimizer, callbacks: [callback] });
    expect(seen.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4]);
    expect(new Set(seen.map(({ params }) => JSON.stringify(params))).size).toBe(4);
    expect(model.params).toEqual(seen[1].params);
    expect([stopped, ends]).toEqual(["callback", ["callback"]]);
  });
});
