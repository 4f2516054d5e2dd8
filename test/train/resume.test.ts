// A training that was cut off and called again ends as if nothing had happened: the same bits.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Executor } from "../../src/compile/executor.ts";
import { type ExampleDataset, isDataset } from "../../src/data/dataset.ts";
import { encodeSafetensors } from "../../src/io/safetensors.ts";
import { batchNorm } from "../../src/nn/batch-norm.ts";
import { dropout } from "../../src/nn/dropout.ts";
import { type AnyLayer, gmnm, gmnmLstm, kan, linear, sequential } from "../../src/nn/index.ts";
import { adam, adamw } from "../../src/optim/adam.ts";
import { lbfgs } from "../../src/optim/lbfgs.ts";
import { cosine } from "../../src/optim/schedules.ts";
import { sgd } from "../../src/optim/sgd.ts";
import { namedTensors } from "../../src/params.ts";
import { takeRows, tensor } from "../../src/tensor.ts";
import { earlyStopping } from "../../src/train/callbacks.ts";
import { type FitOptions, type FitResult, fit } from "../../src/train/fit.ts";
import type { Snapshots } from "../../src/train/resume.ts";
import { type Data, waves } from "./examples.ts";

/** Snapshots in memory, after every epoch. */
function inMemory(every = 1): Snapshots & { bytes?: Uint8Array } {
  const place: Snapshots & { bytes?: Uint8Array } = {
    every,
    load: async () => place.bytes,
    async save(bytes) {
      place.bytes = bytes.slice();
    },
  };
  return place;
}

/** What a training ended in, to the bit, but for the time it took. */
const outcome = ({ model, history, stopped }: FitResult) => ({
  stopped,
  model: Buffer.from(encodeSafetensors(namedTensors(model.params))).toString("base64"),
  history: history.map(({ seconds, ...record }) => record),
});

class Cut extends Error {}

/** Trains, cut off after every one of the epochs in turn, and each time called again. */
async function withCuts(
  training: (options: Partial<FitOptions>) => Promise<FitResult>,
  snapshots: Snapshots,
  epochs: Iterable<number>,
) {
  const cuts = [...epochs].sort((a, b) => a - b);
  for (;;) {
    const cutAt = cuts.shift();
    const cut = {
      onEpoch: ({ epoch }: { epoch: number }) => {
        if (epoch === cutAt) throw new Cut();
      },
    };
    try {
      return await training({ snapshots, callbacks: [cut] });
    } catch (error) {
      if (!(error instanceof Cut)) throw error;
    }
  }
}

type Case = { layer: () => AnyLayer; data?: Data | ExampleDataset; options: () => FitOptions };
const cases: Record<string, Case> = {
  "Adam, all rows": { layer: () => gmnm(2, 1, { numComponents: 8 }), options: () => ({ epochs: 8 }) },
  "batches, dropout, batch normalisation, early stopping": {
    layer: () => sequential(linear(2, 8), batchNorm(8), dropout(0.3), gmnm(8, 1, { numComponents: 4 })),
    options: () => ({
      optimizer: adamw({ learningRate: cosine(0.1, { warmup: 0.2 }), clip: 1 }),
      epochs: 14,
      batchSize: 7,
      validation: 0.25,
      validateEvery: 1,
      callbacks: [earlyStopping({ patience: 3 })],
    }),
  },
};

for (const [name, { layer, data = waves(40), options }] of Object.entries(cases)) {
  for (const executor of ["native", "wasm"] as const) {
    test(`${name}, ${executor}: cut off after every epoch`, async () => {
      const training = ({ callbacks = [], snapshots }: Partial<FitOptions>) => {
        const own = options();
        return fit(layer(), data as Data, {
          ...own,
          executor,
          progress: false,
          snapshots,
          callbacks: [...(own.callbacks ?? []), ...callbacks],
        });
      };
      const whole = await training({});
      const again = await withCuts(
        training,
        inMemory(),
        whole.history.map(({ epoch }) => epoch),
      );
      expect(outcome(again)).toEqual(outcome(whole));
    });
  }
}
