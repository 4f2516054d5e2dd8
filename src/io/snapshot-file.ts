import type { Snapshots } from "../train/resume.ts";
import { removeLeftovers, writeAtomic } from "./atomic.ts";
import { readBytesIfThere } from "./read-bytes.ts";

/**
 * Keeps a training in a file while it runs, for the option `snapshots` of `fit` and `minimize`. Whenever the process is killed, the file
 * holds a whole snapshot, and the same call goes on from it, to the same result bit for bit. Remove the file to train anew. One process at
 * a time may use it.
 *
 * @param options - every: epochs from one snapshot to the next; default as many as take about five seconds.
 * @example
 * ```ts
 * const { model } = await fit(gmnm(2, 1), { x, y }, { epochs: 100_000, snapshots: snapshotFile("training.snapshot") });
 * ```
 * @throws GmnmError, when training begins, for a file that is damaged or of another training; later, when it cannot be written.
 */
export const snapshotFile = (path: string, { every }: Pick<Snapshots, "every"> = {}): Snapshots => ({
  async load() {
    await removeLeftovers(path);
    return readBytesIfThere(path);
  },
  save: (bytes) => writeAtomic(path, bytes),
  source: path,
  every,
});
