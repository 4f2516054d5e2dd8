// Trainings that are cut off, and calls that refuse to go on with them.
import { expect } from "vitest";
import { GmnmError } from "../../src/errors.ts";
import { linear } from "../../src/nn/linear.ts";
import { type FitOptions, fit } from "../../src/train/fit.ts";
import type { EpochRecord } from "../../src/train/run.ts";
import { waves } from "./examples.ts";
import { Cut, Kept } from "./snapshots.ts";

export const data = waves(20);
export const layer = linear(2, 1);
export const base: FitOptions = { epochs: 4, batchSize: 5, progress: false, executor: "wasm" };

export const cutAfter = (at: number) => ({
  onEpoch({ epoch }: { epoch: number }) {
    if (epoch === at) throw new Cut();
  },
});

/** A training cut off in its third epoch, with the snapshot of its second. */
export async function cutOff(options: FitOptions = {}, model: Parameters<typeof fit>[0] = layer): Promise<Kept> {
  const kept = new Kept();
  const callbacks = [...(options.callbacks ?? []), cutAfter(3)];
  await expect(fit(model, data, { ...base, ...options, callbacks, snapshots: kept })).rejects.toThrow(Cut);
  return kept;
}

/** The sentence with which another call refuses a snapshot; fails if it trains. */
export async function refusal(kept: Kept, call: (callbacks: object[]) => Promise<unknown>): Promise<string> {
  const before = kept.bytes!.slice();
  const trained: number[] = [];
  try {
    await call([{ onEpoch: ({ epoch }: EpochRecord) => void trained.push(epoch) }]);
  } catch (error) {
    expect(error).toBeInstanceOf(GmnmError);
    expect((error as Error).message).toMatch(/^gmnm: [^\n]{10,300}$/);
    expect([trained, kept.saves]).toEqual([[], 2]);
    expect(kept.bytes).toEqual(before);
    return (error as Error).message;
  }
  throw new Error("it was not refused");
}
