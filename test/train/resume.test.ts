// A training that was cut off and is called again ends as if nothing had happened: the same bits.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Executor } from "../../src/compile/executor.ts";
import type { ExampleDataset } from "../../src/data/dataset.ts";
import {
  type AnyLayer,
  batchNorm,
  dropout,
  flatten,
  gmnm,
  gmnmLstm,
  kan,
  linear,
  sequential,
} from "../../src/nn/index.ts";
import { adam, adamw } from "../../src/optim/adam.ts";
import { lbfgs } from "../../src/optim/lbfgs.ts";
import { cosine } from "../../src/optim/schedules.ts";
import { sgd } from "../../src/optim/sgd.ts";
import { Random } from "../../src/random.ts";
import { earlyStopping } from "../../src/train/callbacks.ts";
import { type FitOptions, fit } from "../../src/train/fit.ts";
import { type Data, line } from "./examples.ts";
import { augmented, data, Kept, outcome, withCuts } from "./snapshots.ts";

const steps = (rows: number): Data => ({
  x: new Random(2).normal([rows, 5, 2]),
  y: new Random(3).normal([rows, 1]),
});

type Case = { layer: AnyLayer; examples?: Data | ExampleDataset; options: () => FitOptions; stopped?: string };
const cases: Record<string, Case> = {
  "Adam on all rows": { layer: gmnm(2, 1, { numComponents: 8 }), options: () => ({ epochs: 8 }) },
  "AdamW in batches, dropout, batch normalisation, early stopping": {
    layer: sequential(linear(2, 8), batchNorm(8), dropout(0.3), gmnm(8, 1, { numComponents: 4 })),
    options: () => ({
      optimizer: adamw({ learningRate: cosine(0.1, { warmup: 0.2 }), clip: 1 }),
      epochs: 30,
      batchSize: 7,
      validation: 0.25,
      validateEvery: 2,
      callbacks: [earlyStopping({ patience: 4 })],
    }),
    stopped: "early stopping",
  },
  "momentum on a data set that augments its rows": {
    layer: linear(2, 1),
    examples: augmented,
    options: () => ({ optimizer: sgd({ momentum: 0.9 }), epochs: 7, batchSize: 8 }),
  },
  "plain gradient descent, which has no state": {
    layer: linear(2, 1),
    options: () => ({ optimizer: sgd(), epochs: 5, batchSize: 8, seed: 4 }),
  },
  "grids that adapt and components that are reseeded": {
    layer: sequential(kan(2, 3), gmnm(3, 1, { numComponents: 6 })),
    options: () => ({ epochs: 8, adaptAfter: [2, 5], reseedAfter: [3, 6], optimizer: adam({ learningRate: 0.05 }) }),
  },
  "sequences, and arrays too large to be joined": {
    layer: sequential(
      gmnmLstm(2, 4, { numComponents: 4 }),
      flatten(),
      linear(4, 130),
      linear(130, 130),
      linear(130, 1),
    ),
    examples: steps(12),
    options: () => ({ epochs: 4, batchSize: 5 }),
  },
  "L-BFGS": {
    layer: gmnm(2, 1, { numComponents: 6 }),
    options: () => ({ optimizer: lbfgs({ memory: 3 }), epochs: 12, validation: 0.2 }),
  },
  "L-BFGS that converges": {
    layer: linear(1, 1),
    examples: line(9),
    options: () => ({ optimizer: lbfgs({ gradientTolerance: 1e-4 }), epochs: 50 }),
    stopped: "converged",
  },
};

for (const executor of ["native", "wasm"] as const satisfies Executor[]) {
  test.each(Object.entries(cases))(`${executor}: %s, cut off after every epoch`, async (_, one) => {
    const { layer, examples = data, options, stopped = "completed" } = one;
    const train = ({ callbacks = [], snapshots }: FitOptions) => {
      const own = options();
      const all = [...(own.callbacks ?? []), ...callbacks];
      return fit(layer, examples, { ...own, executor, progress: false, snapshots, callbacks: all });
    };
    const whole = await train({});
    expect(whole.stopped).toBe(stopped);
    const epochs = whole.history.map(({ epoch }) => epoch);
    expect(outcome(await withCuts(train, new Kept(), epochs))).toEqual(outcome(whole));
  });
}

test("any options, cut off anywhere, a snapshot every few epochs", { timeout: 60_000 }, async () => {
  const optimizer = fc.constantFrom(
    () => adam({ learningRate: 0.02 }),
    () => adam({ learningRate: cosine(0.1), beta2: 0.9, clip: 0.5 }),
    () => adamw({ learningRate: 0.03 }),
    () => sgd({ learningRate: 0.01, momentum: 0.5 }),
  );
  const options = fc.record({
    optimizer,
    executor: fc.constantFrom<Executor>("native", "wasm"),
    epochs: fc.integer({ min: 1, max: 9 }),
    seed: fc.integer(),
    batchSize: fc.option(fc.integer({ min: 1, max: 20 }), { nil: undefined }),
    validation: fc.option(fc.double({ min: 0.1, max: 0.4, noNaN: true }), { nil: undefined }),
    validateEvery: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
    rate: fc.constantFrom(0, 0.4),
    every: fc.integer({ min: 1, max: 4 }),
    cuts: fc.array(fc.integer({ min: 1, max: 9 })),
    patience: fc.integer({ min: 1, max: 4 }),
  });
  await fc.assert(
    fc.asyncProperty(options, async ({ optimizer, rate, every, cuts, patience, ...rest }) => {
      const layer = sequential(gmnm(2, 3, { numComponents: 3 }), dropout(rate), linear(3, 1));
      const train = ({ callbacks = [], snapshots }: FitOptions) => {
        const stopping = earlyStopping({ patience, monitor: "loss" });
        const all = [stopping, ...callbacks];
        return fit(layer, data, { ...rest, optimizer: optimizer(), progress: false, snapshots, callbacks: all });
      };
      expect(outcome(await withCuts(train, new Kept(every), cuts))).toEqual(outcome(await train({})));
    }),
    { numRuns: 25 },
  );
});
