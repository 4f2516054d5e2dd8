// A training in the middle as the bytes of a safetensors file, in which a sum over all of them tells what is damaged. Our choice.
import * as v from "valibot";
import { sha256 } from "../digest.ts";
import { GmnmError, quote, reasonOf } from "../errors.ts";
import { decodeExactly, encodeSafetensors } from "../io/safetensors.ts";
import { namedTensors, type ParamTensors } from "../params.ts";
import type { ExactTensor, Tensor } from "../tensor.ts";
import type { Fingerprint } from "./fingerprint.ts";
import { historyColumns, historyOf } from "./history-columns.ts";
import { type EpochRecord, STOP_REASONS, type StopReason } from "./run.ts";

/** What an optimiser's loop goes on from beside the parameters: anything that JSON holds, and tensors by name. */
export type LoopState = { values: unknown; tensors: ReadonlyMap<string, ExactTensor> };

/** A training after an epoch. */
export type Snapshot<P = ReadonlyMap<string, Tensor>> = {
  /** What is trained, on what, and how. */
  fingerprint: Fingerprint;
  history: EpochRecord[];
  /** The parameters as they are, and those that a callback wants returned instead. */
  params: P;
  kept?: P;
  /** What callbacks remember, in their order; null for those that remember nothing. */
  callbacks: unknown[];
  /** Missing when training has ended. */
  loop?: LoopState;
  ended?: StopReason;
};

const [FORMAT, VERSION] = ["gmnm training snapshot", "1"];
/** The file begins with 8 bytes of length, then with this, then with 64 digits: zeros while the sum is taken. */
const OPENING = new TextEncoder().encode('{"__metadata__":{"sha256":"');
const [OPENING_AT, DIGITS] = [8, 64];
const DIGITS_AT = OPENING_AT + OPENING.length;

const Description = v.object({
  fingerprint: v.record(v.string(), v.string()),
  callbacks: v.array(v.unknown()),
  loop: v.optional(v.unknown()),
  ended: v.optional(v.picklist(STOP_REASONS)),
});

/** Writes a snapshot. */
export async function encodeSnapshot(snapshot: Snapshot<ParamTensors>): Promise<Uint8Array<ArrayBuffer>> {
  const { fingerprint, history, params, kept, callbacks, loop, ended } = snapshot;
  const within = (group: string, tensors: Iterable<[string, ExactTensor]>) =>
    Array.from(tensors, ([name, tensor]): [string, ExactTensor] => [`${group}.${name}`, tensor]);
  const tensors = [
    ...within("history", historyColumns(history)),
    ...within("loop", loop?.tensors ?? []),
    ...within("params", namedTensors(params)),
    ...within("kept", kept ? namedTensors(kept) : []),
  ];
  return seal(
    encodeSafetensors(tensors, {
      sha256: "0".repeat(DIGITS),
      format: FORMAT,
      version: VERSION,
      training: JSON.stringify({ fingerprint, callbacks, loop: loop?.values, ended }),
    }),
  );
}

/** Writes the sum of all bytes into its place. */
export async function seal(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  bytes.fill(0x30, DIGITS_AT, DIGITS_AT + DIGITS);
  bytes.set(new TextEncoder().encode(await sha256(bytes)), DIGITS_AT);
  return bytes;
}

/**
 * Reads a snapshot that may be damaged, or come from anyone: nothing is allocated on its word.
 *
 * @throws GmnmError, one sentence that names the source.
 */
export async function decodeSnapshot(bytes: Uint8Array, source: string): Promise<Snapshot> {
  const opens = OPENING.every((byte, i) => bytes[OPENING_AT + i] === byte);
  if (!opens || bytes.length < DIGITS_AT + DIGITS) throw new GmnmError(`${source} is not a snapshot of a training`);
  const digits = bytes.subarray(DIGITS_AT, DIGITS_AT + DIGITS);
  const sealed = await seal(new Uint8Array(bytes)); // of a copy
  if (!digits.every((digit, i) => digit === sealed[DIGITS_AT + i])) {
    throw new GmnmError(`${source} is damaged: its ${bytes.length} bytes do not have the SHA-256 written in it`);
  }
  const { tensors, metadata } = decodeExactly(bytes, source);
  return naming(source, () => {
    const { format, version, training } = metadata;
    if (format !== FORMAT) throw new GmnmError("not a snapshot of a training");
    if (version !== VERSION)
      throw new GmnmError(`a snapshot of version ${version}, but this library reads version ${VERSION}`);
    const { fingerprint, callbacks, loop, ended } = v.parse(Description, JSON.parse(training));
    const group = groups(tensors);
    const kept = float32(group.kept);
    return {
      fingerprint,
      history: historyOf(group.history),
      params: float32(group.params),
      kept: kept.size > 0 ? kept : undefined,
      callbacks,
      loop: ended ? undefined : { values: loop, tensors: group.loop },
      ended,
    };
  });
}

/**
 * Runs something that takes a file at its word. Whatever it trips over, such as JSON nested too deep for the stack, is the file's fault: one
 * sentence that names it.
 */
export function naming<T>(source: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new GmnmError(`${source}: ${reasonOf(cause).split("\n")[0].slice(0, 200)}`, { cause });
  }
}

/** Tensors by the word before the first dot of their names. */
function groups(tensors: ReadonlyMap<string, ExactTensor>) {
  const found = { history: new Map(), loop: new Map(), params: new Map(), kept: new Map() };
  for (const [name, tensor] of tensors) {
    const [group] = name.split(".", 1);
    if (!Object.hasOwn(found, group)) throw new GmnmError(`no part of a training is called ${quote(group)}`);
    found[group as keyof typeof found].set(name.slice(group.length + 1), tensor);
  }
  return found as Record<keyof typeof found, Map<string, ExactTensor>>;
}

/** Parameters: finite float32 numbers. */
export function float32(tensors: ReadonlyMap<string, ExactTensor>): Map<string, Tensor> {
  return new Map(
    [...tensors].map(([name, tensor]) => {
      if (!(tensor.data instanceof Float32Array)) throw new GmnmError(`${quote(name)} must be float32`);
      if (!tensor.data.every(Number.isFinite)) throw new GmnmError(`${quote(name)} is not finite`);
      return [name, tensor as Tensor];
    }),
  );
}
