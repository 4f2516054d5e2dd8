// Snapshots that are damaged or made up: one sentence, and nothing is trained.
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { GmnmError } from "../../src/errors.ts";
import { encodeModel } from "../../src/io/model-file.ts";
import { decodeExactly, encodeSafetensors } from "../../src/io/safetensors.ts";
import { lbfgs } from "../../src/optim/lbfgs.ts";
import { type ExactTensor, tensor } from "../../src/tensor.ts";
import { earlyStopping } from "../../src/train/callbacks.ts";
import { type FitOptions, fit } from "../../src/train/fit.ts";
import { decodeSnapshot, seal } from "../../src/train/snapshot.ts";
import { base, cutOff, data, layer, refusal } from "./cut-off.ts";
import { Kept } from "./snapshots.ts";

/** A snapshot with a change to what it says or holds, and a right sum again. */
async function changed(
  bytes: Uint8Array,
  change: (training: Record<string, unknown>, tensors: Map<string, ExactTensor>) => void,
) {
  const { tensors, metadata } = decodeExactly(bytes);
  const training = JSON.parse(metadata.training);
  change(training, tensors);
  return seal(encodeSafetensors(tensors, { ...metadata, training: JSON.stringify(training) }));
}

describe("damaged or made up", () => {
  let adamBytes: Uint8Array;
  let lbfgsBytes: Uint8Array;
  const stopping = () => earlyStopping({ patience: 9, monitor: "loss" });
  const adamOptions = () => ({ ...base, batchSize: 10 });
  const lbfgsOptions = { ...base, batchSize: undefined, optimizer: lbfgs({ memory: 2 }) };
  beforeAll(async () => {
    adamBytes = (await cutOff({ ...adamOptions(), callbacks: [stopping()] })).bytes!;
    lbfgsBytes = (await cutOff(lbfgsOptions)).bytes!;
  });
  const resumed = async (bytes: Uint8Array, options: FitOptions, own: object[]) => {
    const kept = new Kept();
    Object.assign(kept, { bytes, saves: 2 });
    return refusal(kept, (callbacks) =>
      fit(layer, data, { ...options, callbacks: [...own, ...callbacks], snapshots: kept }),
    );
  };
  const resumedAdam = (bytes: Uint8Array) => resumed(bytes, adamOptions(), [stopping()]);

  test("each truncation, and each byte changed, is refused", async () => {
    const outcomes = new Set<string>();
    const read = async (bytes: Uint8Array) => {
      await decodeSnapshot(bytes, "s").then(
        () => outcomes.add("read"),
        (error) => {
          expect(error).toBeInstanceOf(GmnmError);
          outcomes.add(error.message.replace(/\d+/, "n"));
        },
      );
    };
    for (let length = 0; length < adamBytes.length; length++) await read(adamBytes.slice(0, length));
    for (let at = 0; at < adamBytes.length; at++) await read(adamBytes.with(at, adamBytes[at] ^ (1 << (at % 8))));
    await read(Uint8Array.of(...adamBytes, 0));
    expect([...outcomes].sort()).toEqual([
      "gmnm: s is damaged: its n bytes do not have the SHA-256 written in it",
      "gmnm: s is not a snapshot of a training",
    ]);
  });

  test.each<[string, () => Uint8Array]>([
    ["nothing", () => new Uint8Array()],
    ["a text", () => new TextEncoder().encode("once upon a time, in a land far away".repeat(9))],
    ["a model file", () => encodeModel({ layer, params: { weights: tensor([1, 2], [2, 1]), bias: tensor([0], [1]) } })],
  ])("%s is no snapshot", async (_, bytes) => {
    expect(await resumedAdam(bytes())).toBe("gmnm: the snapshot is not a snapshot of a training");
  });

  const e9 = 1_000_000_000;
  const f64 = (...numbers: number[]) => ({ data: Float64Array.from(numbers), shape: [numbers.length] });
  type Change = Parameters<typeof changed>[1];
  const say =
    (words: object): Change =>
    (training) =>
      void Object.assign(training, words);
  const set =
    (name: string, found: ExactTensor): Change =>
    (_, tensors) =>
      void tensors.set(name, found);
  test.each<[string, string, Change]>([
    ["other callbacks", "other callbacks", say({ callbacks: [null] })],
    ["a callback's state of another kind", "not a state of this early", say({ callbacks: [1, null] })],
    ["no fingerprint", "fingerprint", (training) => void delete training.fingerprint],
    ["a fingerprint of nothing", "is of another training", say({ fingerprint: {} })],
    ["an end of another kind", 'but received "toString"', say({ ended: "toString" })],
    ["no values of the loop", "the snapshot: ", (training) => void delete training.loop],
    ["a step before the first", "the snapshot: ", say({ loop: { step: 0, random: { words: [1, 2, 3, 4] } } })],
    [
      "a generator of zeros",
      "four 32-bit words, not all 0, got 0,0,0,0",
      say({ loop: { step: 4, random: { words: [0, 0, 0, 0] } } }),
    ],
    ["a billion words", "32-bit words", say({ loop: { step: 4, random: { words: [e9, 2 ** 40, 1, 1] } } })],
    ["a tensor too many", 'tensor "more" does not belong', set("params.more", tensor([1], [1]))],
    [
      "a parameter of another shape",
      'tensor "bias" must have shape (1), got (2)',
      set("params.bias", tensor([1, 2], [2])),
    ],
    ["a parameter in float64", '"bias" must be float32', set("params.bias", f64(1))],
    ["a parameter that is no number", '"bias" is not finite', set("params.bias", tensor([NaN], [1]))],
    [
      "a parameter that is missing",
      'tensor "weights" of shape (2, 1) is missing',
      (_, tensors) => void tensors.delete("params.weights"),
    ],
    [
      "a kept parameter alone",
      'tensor "weights" of shape (2, 1) is missing',
      (_, tensors) => void tensors.delete("kept.weights"),
    ],
    [
      "no optimiser's state",
      "is missing",
      (_, tensors) =>
        tensors
          .keys()
          .filter((name) => name.startsWith("loop."))
          .forEach((name) => void tensors.delete(name)),
    ],
    ["another optimiser's state", 'tensor "velocity" does not belong', set("loop.velocity", tensor([1], [1]))],
    ["another part", 'no part of a training is called "__proto__"', set("__proto__.a", tensor([1], [1]))],
    ["no history", 'no float64 column "step"', (_, tensors) => void tensors.delete("history.step")],
    ["a history in float32", 'no float64 column "loss"', set("history.loss", tensor([1, 2], [2]))],
    ["a short column", 'column "loss" does not fit its 2 epochs', set("history.loss", f64(1))],
    ["epochs that are none", 'column "loss" does not fit its 2 epochs', set("history.loss.epochs", f64(0, e9))],
    ["epochs twice", 'column "loss" does not fit its 2 epochs', set("history.loss.epochs", f64(1, 1))],
    [
      "more epochs than there are",
      "the snapshot: ",
      (_, tensors) => {
        for (const name of ["step", "loss", "seconds", "learningRate"]) {
          tensors.set(`history.${name}.epochs`, f64(1, 2, 3, 4, 5));
          tensors.set(`history.${name}`, f64(1, 2, 3, 4, 5));
        }
      },
    ],
    [
      "no epochs",
      "it has 0 epochs of 4",
      (_, tensors) =>
        tensors
          .keys()
          .filter((name) => name.startsWith("history."))
          .forEach((name) => void tensors.set(name, f64())),
    ],
  ])("%s", async (_, sentence, change) => {
    expect(await resumedAdam(await changed(adamBytes, change))).toContain(sentence);
  });

  test.each<[string, Change]>([
    ["a point of another length", set("loop.x", f64(1, 2))],
    ["a point in float32", set("loop.x", tensor([1, 2, 3], [3]))],
    ["a gradient that is no number", set("loop.gradient", f64(1, Infinity, 3))],
    ["steps without changes", set("loop.changes", f64())],
    ["more pairs than it remembers", set("loop.steps", f64(1, 2, 3, 4, 5, 6, 7, 8, 9))],
    ["no value", (_, tensors) => void tensors.delete("loop.value")],
  ])("L-BFGS: %s", async (_, change) => {
    const sentence = await resumed(await changed(lbfgsBytes, change), lbfgsOptions, []);
    expect(sentence).toMatch(/^gmnm: the snapshot: its "\w+" is not one of L-BFGS on 3 parameters$/);
  });

  /** What reading ends in, with a right sum. */
  const outcome = async (bytes: Uint8Array<ArrayBuffer>) => {
    try {
      return await decodeSnapshot(await seal(bytes), "s");
    } catch (error) {
      expect(error).toBeInstanceOf(GmnmError);
      expect((error as Error).message).toMatch(/^gmnm: s[ :][^\n]{5,400}$/);
      return undefined;
    }
  };

  test("4000 made-up snapshots with a right sum are read or refused: 1000 of random bytes, 1000 with bytes changed, 2000 of random JSON", async () => {
    const opening = adamBytes.slice(0, 8 + 27 + 64);
    const random = fc.uint8Array({ maxLength: 300 }).map((tail) => Uint8Array.of(...opening, ...tail));
    const damage = fc.array(fc.tuple(fc.nat(adamBytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 });
    const damaged = damage.map((places) =>
      places.reduce((bytes, [at, byte]) => bytes.with(at, byte), new Uint8Array(adamBytes)),
    );
    const key = fc.constantFrom("fingerprint", "callbacks", "loop", "ended", "__proto__", "constructor");
    const json = fc.dictionary(key, fc.oneof(fc.jsonValue(), fc.constant({}), fc.constant([])));
    const name = fc.constantFrom(
      "history.step",
      "history.loss",
      "params.w",
      "kept.",
      "loop.__proto__",
      "__proto__",
      "toString.x",
      ".",
    );
    const number = fc.oneof(fc.integer({ min: -2, max: 4 }), fc.double());
    const numbers = fc.array(number, { maxLength: 4 }).map((list): ExactTensor => f64(...list));
    const made = fc.tuple(json, fc.dictionary(name, numbers)).map(([training, tensors]) =>
      encodeSafetensors(Object.entries(tensors), {
        sha256: "0".repeat(64),
        format: "gmnm training snapshot",
        version: "1",
        training: JSON.stringify(training),
      }),
    );
    let tried = 0;
    const tries = (bytes: fc.Arbitrary<Uint8Array<ArrayBuffer>>, numRuns: number) =>
      fc.assert(
        fc.asyncProperty(bytes, async (found) => {
          tried++;
          await outcome(found);
        }),
        { numRuns },
      );
    await tries(random, 1000);
    await tries(damaged, 1000);
    await tries(made, 2000);
    expect(tried).toBe(4000);
  });

  test("a header of terabytes, shapes of terabytes and nesting without end cost no memory", async () => {
    const huge = adamBytes.slice();
    new DataView(huge.buffer).setBigUint64(0, 2n ** 42n, true);
    const [training, metadata] = [
      "[".repeat(1e6),
      { sha256: "0".repeat(64), format: "gmnm training snapshot", version: "1" },
    ];
    const json = JSON.stringify({
      __metadata__: { ...metadata, training: "{}" },
      "params.w": { dtype: "F32", shape: [2 ** 40], data_offsets: [0, 2 ** 42] },
    });
    const shaped = new Uint8Array(8 + json.length);
    new DataView(shaped.buffer).setBigUint64(0, BigInt(json.length), true);
    shaped.set(new TextEncoder().encode(json), 8);
    const before = process.memoryUsage().arrayBuffers;
    for (const bytes of [huge, shaped, encodeSafetensors([], { ...metadata, training })])
      expect(await outcome(bytes)).toBeUndefined();
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(100e6);
  });

  test("what a later version wrote is not guessed at", async () => {
    const { tensors, metadata } = decodeExactly(adamBytes);
    const later = await seal(encodeSafetensors(tensors, { ...metadata, version: "2" }));
    await expect(decodeSnapshot(later, "s")).rejects.toThrow(
      "gmnm: s: a snapshot of version 2, but this library reads version 1",
    );
  });
});
