// When snapshots are made, and what another call does with that of a training that has ended.
import { afterAll, describe, expect, test, vi } from "vitest";
import type { ExampleDataset } from "../../src/data/dataset.ts";
import { linear } from "../../src/nn/index.ts";
import { timeBudget } from "../../src/train/callbacks.ts";
import { type FitOptions, fit } from "../../src/train/fit.ts";
import { liveBuffers } from "../live-buffers.ts";
import { augmented, data, Kept, outcome, withCuts } from "./snapshots.ts";

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
