import { GmnmError } from "../errors.ts";
import { fillParams, type ParamTensors } from "../params.ts";
import type { LoopStart, Training } from "./descend.ts";
import { difference, fingerprintOf } from "./fingerprint.ts";
import type { Callback } from "./run.ts";
import { decodeSnapshot, encodeSnapshot, naming, type Snapshot } from "./snapshot.ts";

/**
 * Where `fit` and `minimize` keep a training while it runs, so that it can be continued after it was killed: call the same function with
 * the same arguments again. In Node, `snapshotFile(path)` is one.
 *
 * @example
 * ```ts
 * const cache = await caches.open("training"); // in a browser
 * const snapshots: Snapshots = {
 *   load: async () => (await cache.match("/snapshot"))?.bytes(),
 *   save: (bytes) => cache.put("/snapshot", new Response(bytes)),
 * };
 * ```
 */
export type Snapshots = {
  /** What was saved last; undefined if nothing was. */
  load(): Promise<Uint8Array | undefined>;
  /** Keeps bytes instead of those before. Must be atomic: whatever happens, `load` gives the one or the other. */
  save(bytes: Uint8Array): Promise<void>;
  /** Epochs from one snapshot to the next. Default: as many as take about five seconds. */
  every?: number;
  /** The name of the place, for messages. Default "the snapshot". */
  source?: string;
  /** What else tells this training from others, by name: a snapshot that says otherwise is refused. `fit` gives the layer's config and its options. */
  of?: Readonly<Record<string, unknown>>;
};

/** Seconds from one snapshot to the next where the caller does not say. Our choice. */
const SECONDS = 5;

/** A place for snapshots, opened for one training. */
export type OpenSnapshots = {
  /** What was there. */
  found?: Snapshot<ParamTensors>;
  /** Where to go on, unless that training had ended. */
  from?: LoopStart;
  isDue(epoch: number): boolean;
  save(snapshot: Omit<Snapshot<ParamTensors>, "fingerprint" | "callbacks">): Promise<void>;
};

/**
 * Looks for a snapshot of a training, and restores what its callbacks remember.
 *
 * @throws GmnmError, one sentence that names the source, for a snapshot that is damaged or of another training.
 */
export async function openSnapshots(
  place: Snapshots,
  training: Training,
  callbacks: readonly Callback[],
): Promise<OpenSnapshots> {
  const { every, source = "the snapshot", of } = place;
  if (every !== undefined && !(Number.isSafeInteger(every) && every >= 1)) {
    throw new GmnmError(`every must be a whole number of epochs above 0, got ${every}`);
  }
  const fingerprint = await fingerprintOf(training, of);
  const bytes = await place.load();
  let found: Snapshot<ParamTensors> | undefined;
  if (bytes) {
    const snapshot = await decodeSnapshot(bytes, source);
    const other = difference(snapshot.fingerprint, fingerprint);
    if (other) throw new GmnmError(`${source} is of another training (${other}); remove it to train anew`);
    found = naming(source, () => {
      restoreCallbacks(callbacks, snapshot.callbacks);
      return inPlace(snapshot, training);
    });
  }
  let last = performance.now();
  return {
    found,
    from: found?.loop && { epoch: found.history.length, loop: found.loop, source },
    isDue: (epoch) => (every ? epoch % every === 0 : performance.now() - last >= 1000 * SECONDS),
    async save(rest) {
      const states = callbacks.map((callback) => callback.state?.() ?? null);
      await place.save(await encodeSnapshot({ ...rest, fingerprint, callbacks: states }));
      last = performance.now();
    },
  };
}

/** A snapshot with its parameters as this training has them. */
function inPlace(snapshot: Snapshot, { params, options }: Training): Snapshot<ParamTensors> {
  const { history, kept, ended } = snapshot;
  if (history.length > options.epochs || (history.length === 0 && !ended)) {
    throw new GmnmError(`it has ${history.length} epochs of ${options.epochs}`);
  }
  return { ...snapshot, params: fillParams(params, snapshot.params), kept: kept && fillParams(params, kept) };
}

function restoreCallbacks(callbacks: readonly Callback[], states: readonly unknown[]): void {
  const remembers = (callback: Callback) => callback.restore !== undefined;
  if (
    states.length !== callbacks.length ||
    callbacks.some((callback, i) => remembers(callback) && states[i] === null)
  ) {
    throw new GmnmError("its training had other callbacks");
  }
  for (const [i, callback] of callbacks.entries()) callback.restore?.(states[i]);
}
