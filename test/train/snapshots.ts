// Snapshots, outcomes and data that the tests of resuming share.
import type { ExampleDataset } from "../../src/data/dataset.ts";
import { encodeSafetensors } from "../../src/io/safetensors.ts";
import { namedTensors } from "../../src/params.ts";
import { takeRows } from "../../src/tensor.ts";
import type { FitOptions, FitResult } from "../../src/train/fit.ts";
import type { Snapshots } from "../../src/train/resume.ts";
import { waves } from "./examples.ts";

export const data = waves(40);
/** Rows with a little noise, 15 Gaussian numbers per epoch, so that the spare one of a pair is waiting at the end of every other one. */
export const augmented: ExampleDataset = {
  rows: 40,
  take(rows, random) {
    const x = takeRows(data.x, rows);
    for (let i = 0; random && i < x.data.length; i += 6) x.data[i] += 0.01 * random.gaussian();
    return { x, y: takeRows(data.y, rows) };
  },
};

/** Snapshots in memory, by default after every epoch. */
export class Kept implements Snapshots {
  readonly every: number | undefined;
  bytes?: Uint8Array;
  saves = 0;
  constructor(every: number | undefined = 1) {
    this.every = every;
  }
  load = async () => this.bytes;
  save = async (bytes: Uint8Array) => {
    this.bytes = bytes.slice();
    this.saves++;
  };
}

/** What a training ended in, to the bit, but for the time it took. */
export const outcome = ({ model, history, stopped }: FitResult) => ({
  stopped,
  model: Buffer.from(encodeSafetensors(namedTensors(model.params))).toString("base64"),
  history: history.map(({ seconds, ...record }) => record),
});

/** What cuts a training off. */
export class Cut extends Error {}

/** Trains, is cut off when each of the epochs first ends, and each time is called again. */
export async function withCuts(
  train: (options: Pick<FitOptions, "snapshots" | "callbacks">) => Promise<FitResult>,
  snapshots: Snapshots,
  epochs: Iterable<number>,
): Promise<FitResult> {
  const cuts = new Set(epochs);
  const cut = {
    onEpoch({ epoch }: { epoch: number }) {
      if (cuts.delete(epoch)) throw new Cut();
    },
  };
  for (;;) {
    try {
      return await train({ snapshots, callbacks: [cut] });
    } catch (error) {
      if (!(error instanceof Cut)) throw error;
    }
  }
}
