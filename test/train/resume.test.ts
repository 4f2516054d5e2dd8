// A training that was cut off and is called again ends as if nothing had happened: the same bits.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
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
import { takeRows } from "../../src/tensor.ts";
import { earlyStopping, timeBudget } from "../../src/train/callbacks.ts";
import { type FitOptions, fit } from "../../src/train/fit.ts";
import { decodeSnapshot } from "../../src/train/snapshot.ts";
import { liveBuffers } from "../live-buffers.ts";
import { type Data, line, waves } from "./examples.ts";
import { Kept, outcome, withCuts } from "./snapshots.ts";

const data = waves(40);
const steps = (rows: number): Data => ({
  x: new Random(2).normal([rows, 5, 2]),
  y: new Random(3).normal([rows, 1]),
});
/** Rows with a little noise, 15 Gaussian numbers per epoch, so that the spare one of a pair is waiting at the end of every other one. */
const augmented: ExampleDataset = {
  rows: 40,
  take(rows, random) {
    const x = takeRows(data.x, rows);
    for (let i = 0; random && i < x.data.length; i += 6) x.data[i] += 0.01 * random.gaussian();
    return { x, y: takeRows(data.y, rows) };
  },
};

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

describe("when training ends", () => {
  const layer = linear(2, 1);
  const ended = async (kept: Kept, options: FitOptions, epochs: number[] = []) => {
    const callbacks = [{ onEpoch: ({ epoch }: { epoch: number }) => void epochs.push(epoch) }];
    return fit(layer, data, {
      epochs: 6,
      progress: false,
      ...options,
      callbacks: [...(options.callbacks ?? []), ...callbacks],
      snapshots: kept,
    });
  };

  test("another call gives the result at once, and tells callbacks of the end", async () => {
    const kept = new Kept();
    const first = await ended(kept, {});
    const [epochs, reasons]: [number[], string[]] = [[], []];
    // Callbacks are as many as before.
    const again = await fit(layer, data, {
      epochs: 6,
      progress: false,
      snapshots: kept,
      callbacks: [{ onEpoch: ({ epoch }) => void epochs.push(epoch), onEnd: (reason) => void reasons.push(reason) }],
    });
    expect(again).toEqual(first);
    expect([epochs, reasons]).toEqual([[], ["completed"]]);
  });

  test("by hand, another call goes on", async () => {
    const kept = new Kept();
    const stop = { onEpoch: ({ epoch }: { epoch: number }, run: { stop(): void }) => void (epoch === 4 && run.stop()) };
    expect((await ended(kept, { callbacks: [stop] })).stopped).toBe("callback");
    const epochs: number[] = [];
    const { stopped } = await ended(kept, { callbacks: [{}] }, epochs);
    expect([stopped, epochs]).toEqual(["completed", [4, 5, 6]]);
  });

  test("by Ctrl-C in the middle of an epoch, another call goes on from the last whole one, to the same bits", async () => {
    let takes = 0;
    let press = 0;
    const examples: ExampleDataset = {
      rows: 40,
      take(rows, random) {
        if (++takes === press) process.emit("SIGINT");
        return augmented.take(rows, random);
      },
    };
    const train = (snapshots?: Kept) => fit(layer, examples, { epochs: 5, batchSize: 8, progress: false, snapshots });
    const whole = await train();
    const kept = new Kept();
    [takes, press] = [0, 15];
    const first = await train(kept);
    expect(first.stopped).toBe("interrupted");
    press = 0;
    expect(outcome(await train(kept))).toEqual(outcome(whole));
  });

  test("a time budget counts the seconds before the kill, and none in between", async () => {
    const kept = new Kept();
    const long = { epochs: 1e6, snapshots: kept, progress: false as const };
    await expect(
      withCuts(
        (cut) => fit(layer, data, { ...long, ...cut, callbacks: [timeBudget(0.3), ...cut.callbacks!] }),
        kept,
        [9],
      ),
    ).resolves.toMatchObject({ stopped: "time budget" });
    const { history } = await fit(layer, data, { ...long, callbacks: [timeBudget(0.3), {}] });
    expect(history.at(-1)!.seconds).toBeGreaterThanOrEqual(0.3);
    expect(history.every(({ seconds }, i) => i === 0 || seconds >= history[i - 1].seconds)).toBe(true);
  });

  test("no epochs at all are an end, too", async () => {
    const kept = new Kept();
    const first = await ended(kept, { epochs: 0 });
    expect(await ended(kept, { epochs: 0 })).toEqual(first);
  });
});

describe("when snapshots are made", () => {
  afterAll(() => vi.restoreAllMocks());

  test("by default every five seconds, and at the end", async () => {
    let [now, began] = [0, performance.now()];
    const clock = vi.spyOn(performance, "now").mockImplementation(() => began + now);
    const kept = new Kept();
    const saves: number[] = [];
    const tick = () => {
      saves.push(kept.saves);
      now += 2000;
    };
    const place = { load: kept.load, save: kept.save };
    await fit(linear(2, 1), data, { epochs: 8, progress: false, snapshots: place, callbacks: [{ onEpoch: tick }] });
    clock.mockRestore();
    // Before the end of each epoch; two seconds each, so after the third and the sixth.
    expect([...saves, kept.saves]).toEqual([0, 0, 0, 1, 1, 1, 2, 2, 3]);
  });

  test("every so many epochs, and at the end", async () => {
    const kept = new Kept(3);
    const saves: number[] = [];
    const callbacks = [{ onEpoch: () => void saves.push(kept.saves) }];
    await fit(linear(2, 1), data, { epochs: 6, progress: false, snapshots: kept, callbacks });
    expect([...saves, kept.saves]).toEqual([0, 0, 0, 1, 1, 1, 2]);
    await expect(fit(linear(2, 1), data, { snapshots: new Kept(0.5) })).rejects.toThrow(
      "gmnm: every must be a whole number of epochs above 0, got 0.5",
    );
  });

  test("a place for them may be of a class", async () => {
    class Place {
      #bytes?: Uint8Array;
      async load() {
        return this.#bytes;
      }
      async save(bytes: Uint8Array) {
        this.#bytes = bytes;
      }
    }
    const train = (place?: Place) => fit(linear(2, 1), data, { epochs: 3, progress: false, snapshots: place });
    const place = new Place();
    const first = await train(place);
    expect(outcome(first)).toEqual(outcome(await train()));
    const again = await train(place);
    expect([again.history, outcome(again)]).toEqual([first.history, outcome(first)]);
  });

  test("arrays are released, whether a training ends or is cut off", async () => {
    const train = (options: FitOptions) =>
      fit(linear(2, 1), data, { epochs: 4, batchSize: 8, executor: "wasm", progress: false, ...options });
    await train({});
    const before = liveBuffers();
    await withCuts(train, new Kept(), [2, 3]);
    expect(liveBuffers()).toBe(before);
  });
});

describe("processes that are killed", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "gmnm-resume-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  const script = fileURLToPath(new URL("fixtures/fit-with-snapshots.ts", import.meta.url));

  /** Trains in a process of its own, which is killed a little after it has told of so many epochs; true if it ended by itself before. */
  async function trained(name: string, executor: Executor, killAfter = Infinity, delay = 0): Promise<boolean> {
    const env = { ...process.env, NODE_COMPILE_CACHE: join(folder, "cache") };
    const child = spawn(process.execPath, [script, folder, name, executor], { env });
    let errors = "";
    child.stderr.on("data", (chunk) => {
      errors += chunk;
    });
    let told = 0;
    child.stdout.on("data", (chunk: Buffer) => {
      const before = told;
      told += chunk.filter((byte) => byte === 10).length;
      if (before < killAfter && told >= killAfter) setTimeout(() => child.kill("SIGKILL"), delay);
    });
    const [code, signal] = await once(child, "close");
    expect(errors).toBe("");
    expect(signal === "SIGKILL" || code === 0).toBe(true);
    return code === 0;
  }

  // Windows keeps files of killed processes open.
  test.runIf(process.platform !== "win32").concurrent.each([
    ["native", 12],
    ["wasm", 20],
  ] as const)(
    "%s: %d kills at random moments, and the same files byte for byte",
    { timeout: 120_000 },
    async (executor, planned) => {
      const random = new Random(Date.now());
      const read = (name: string, ending: string) => readFileSync(join(folder, `${executor}-${name}.${ending}`));
      await trained(`${executor}-whole`, executor);
      const { history } = await decodeSnapshot(read("whole", "snapshot"), "whole");
      for (let kills = 0, round = 0; kills < planned; round++) {
        const name = `${executor}-${round}`;
        const epochs = () => (kills < planned ? 1 + random.integer(3) : Infinity);
        while (!(await trained(name, executor, epochs(), random.uniform(0, 12)))) kills++;
        for (const ending of ["safetensors", "best"])
          expect(read(String(round), ending).equals(read("whole", ending))).toBe(true);
        const again = await decodeSnapshot(read(String(round), "snapshot"), name);
        const timeless = again.history.map((record, i) => ({ ...record, seconds: history[i].seconds }));
        expect(timeless).toEqual(history);
      }
      // What writes that were killed have left is removed, but for checkpoints, which are another's.
      expect(readdirSync(folder).filter((name) => /snapshot\..*tmp$/.test(name) && name.startsWith(executor))).toEqual(
        [],
      );
    },
  );
});
