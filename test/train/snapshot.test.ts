// Snapshots that are damaged, made up, or of another training: one sentence, and nothing is trained.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { GmnmError } from "../../src/errors.ts";
import { checkpoint } from "../../src/io/checkpoint.ts";
import { encodeModel } from "../../src/io/model-file.ts";
import { decodeExactly, type ExactTensor, encodeSafetensors } from "../../src/io/safetensors.ts";
import { snapshotFile } from "../../src/io/snapshot-file.ts";
import { dropout, gmnm, linear, sequential } from "../../src/nn/index.ts";
import { adam, adamw } from "../../src/optim/adam.ts";
import { lbfgs } from "../../src/optim/lbfgs.ts";
import { cosine } from "../../src/optim/schedules.ts";
import { sgd } from "../../src/optim/sgd.ts";
import { tensor } from "../../src/tensor.ts";
import { earlyStopping } from "../../src/train/callbacks.ts";
import { type FitOptions, fit } from "../../src/train/fit.ts";
import { mae } from "../../src/train/losses.ts";
import { minimize } from "../../src/train/minimize.ts";
import type { EpochRecord } from "../../src/train/run.ts";
import { decodeSnapshot, encodeSnapshot, type Snapshot, seal } from "../../src/train/snapshot.ts";
import { waves } from "./examples.ts";
import { Kept } from "./snapshots.ts";

const data = waves(20);
const layer = linear(2, 1);
const base: FitOptions = { epochs: 4, batchSize: 5, progress: false, executor: "wasm" };

class Cut extends Error {}
const cutAfter = (at: number) => ({
  onEpoch({ epoch }: { epoch: number }) {
    if (epoch === at) throw new Cut();
  },
});

/** A training cut off in its third epoch, with the snapshot of its second. */
async function cutOff(options: FitOptions = {}, model: Parameters<typeof fit>[0] = layer): Promise<Kept> {
  const kept = new Kept();
  const callbacks = [...(options.callbacks ?? []), cutAfter(3)];
  await expect(fit(model, data, { ...base, ...options, callbacks, snapshots: kept })).rejects.toThrow(Cut);
  return kept;
}

/** The sentence with which another call refuses a snapshot; fails if it trains. */
async function refusal(kept: Kept, call: (callbacks: object[]) => Promise<unknown>): Promise<string> {
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

describe("of another training", () => {
  const other = { ...data, y: tensor(data.y.data.with(7, 0.123), data.y.shape) };
  test.each<[string, string, FitOptions]>([
    ["epochs", "epochs: 4 there, 5 here", { epochs: 5 }],
    ["batch size", "batchSize: 5 there, 6 here", { batchSize: 6 }],
    ["no batches", "batchSize: 5 there, all rows here", { batchSize: undefined }],
    ["seed", "seed: 0 there, 1 here", { seed: 1 }],
    ["executor", "executor: wasm there, native here", { executor: "native" }],
    ["loss", "loss differs", { loss: mae }],
    ["optimiser", "optimizer differs", { optimizer: sgd() }],
    ["an optimiser's option", "optimizer differs", { optimizer: adam({ learningRate: cosine(0.03), beta2: 0.98 }) }],
    ["weight decay", "optimizer differs", { optimizer: adamw({ learningRate: cosine(0.03), beta2: 0.99 }) }],
    ["learning rate", "learning rate differs", { optimizer: adam({ learningRate: 0.03, beta2: 0.99 }) }],
    ["L-BFGS", "batchSize: 5 there, all rows here", { optimizer: lbfgs(), batchSize: undefined }],
    ["validation", "validateEvery: none there, 1 here", { validation: waves(5) }],
    ["sampleRows", "sampleRows: 2048 there, 9 here", { sampleRows: 9 }],
    ["adaptAfter", "adaptAfter: [] there, [2] here", { adaptAfter: [2] }],
    ["reseedAfter", "reseedAfter: [] there, [1] here", { reseedAfter: [1] }],
  ])("%s: %s", async (_, sentence, options) => {
    const kept = await cutOff();
    expect(
      await refusal(kept, (callbacks) => fit(layer, data, { ...base, ...options, callbacks, snapshots: kept })),
    ).toBe(`gmnm: the snapshot is of another training (${sentence}); remove it to train anew`);
  });

  test.each<[string, string, Parameters<typeof fit>[0], typeof data]>([
    ["one number of the data", "data differs", layer, other],
    ["the layer", "loss differs", gmnm(2, 1, { numComponents: 2 }), data],
    ["an option of the layer that the step does not show", "layer differs", linear(2, 1), data],
  ])("%s", async (name, sentence, model, examples) => {
    const shown = name.includes("does not show")
      ? { ...layer, config: { ...layer.config, note: "x".repeat(50) } }
      : layer;
    const kept = await cutOff({}, shown);
    expect(await refusal(kept, (callbacks) => fit(model, examples, { ...base, callbacks, snapshots: kept }))).toContain(
      `(${sentence})`,
    );
  });

  test("a rate of dropout", async () => {
    const net = (rate: number) => sequential(linear(2, 3), dropout(rate), linear(3, 1));
    const kept = await cutOff({}, net(0.2));
    expect(await refusal(kept, (callbacks) => fit(net(0.3), data, { ...base, callbacks, snapshots: kept }))).toContain(
      "differs",
    );
  });

  test("the numbers a model starts from; a layer's own start follows from data and seed", async () => {
    const { model } = await fit(layer, data, base);
    const kept = await cutOff({}, model);
    const moved = { layer, params: { weights: tensor([0, 1], [2, 1]), bias: tensor([0], [1]) } };
    expect(await refusal(kept, (callbacks) => fit(moved, data, { ...base, callbacks, snapshots: kept }))).toContain(
      "(start differs)",
    );
  });

  test("what the caller says of it", async () => {
    const kept = new Kept();
    const of = (name: string) => Object.assign(kept, { of: { name } });
    const cut = { ...base, callbacks: [cutAfter(3)] };
    await expect(fit(layer, data, { ...cut, snapshots: of("first") })).rejects.toThrow(Cut);
    expect(
      await refusal(kept, (callbacks) => fit(layer, data, { ...base, callbacks, snapshots: of("second") })),
    ).toContain("(name: first there, second here)");
  });

  test("callbacks: more of them, others, or with other options", async () => {
    const stopping = (patience: number) => earlyStopping({ patience, monitor: "loss" });
    const kept = await cutOff({ callbacks: [stopping(5)] });
    const call = (...own: object[]) =>
      refusal(kept, (callbacks) => fit(layer, data, { ...base, callbacks: [...own, ...callbacks], snapshots: kept }));
    expect(await call()).toBe("gmnm: the snapshot: its training had other callbacks");
    expect(await call(stopping(5), {})).toBe("gmnm: the snapshot: its training had other callbacks");
    expect(await call(stopping(6))).toContain("not a state of this early stopping, or of one with other options");
    expect(await call(checkpoint(layer, "nowhere"))).toBe("gmnm: the snapshot: it is not a state of checkpoints");
    const none = await cutOff({ callbacks: [{}] });
    const refused = refusal(none, (callbacks) =>
      fit(layer, data, { ...base, callbacks: [stopping(5), ...callbacks], snapshots: none }),
    );
    expect(await refused).toBe("gmnm: the snapshot: its training had other callbacks");
  });

  test("an objective of minimize", async () => {
    const kept = new Kept();
    const start = { w: tensor([1, 2], [2]) };
    const run = (power: 1 | 2, callbacks: object[]) =>
      minimize(
        (p, { x }) => {
          const { w } = p as Record<string, typeof x>;
          const error = x.sub(w);
          return (power === 2 ? error.ref.mul(error) : error).sum();
        },
        start,
        { x: tensor([1, 2, 3, 4], [2, 2]) },
        { epochs: 4, progress: false, callbacks, snapshots: kept },
      );
    await expect(run(2, [cutAfter(3)])).rejects.toThrow(Cut);
    expect(await refusal(kept, (callbacks) => run(1, callbacks))).toContain("(loss differs)");
  });
});

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

describe("the bytes", () => {
  test("hold exactly what was in them: 200 snapshots", async () => {
    const any = fc.oneof(fc.double(), fc.constantFrom(NaN, Infinity, -0, 5e-324, 1 / 3));
    const record = fc.record(
      { step: fc.nat(), loss: any, validationLoss: any, learningRate: any, seconds: any },
      { requiredKeys: ["step", "loss", "seconds"] },
    );
    const w = fc.float32Array({ minLength: 3, maxLength: 3, noNaN: true, noDefaultInfinity: true });
    const snapshot = fc.record(
      {
        fingerprint: fc.dictionary(fc.constantFrom("epochs", "seed"), fc.string()),
        history: fc.array(record, { maxLength: 5 }).map((list) => list.map((one, i) => ({ epoch: i + 1, ...one }))),
        params: w.map((data) => ({ w: { data, shape: [3] } })),
        kept: w.map((data) => ({ w: { data, shape: [3] } })),
        callbacks: fc.array(fc.constantFrom(null, { best: "Infinity" }, 3)),
        loop: fc.float64Array({ maxLength: 3 }).map((data) => ({
          values: { step: data.length },
          tensors: new Map([["x", { data, shape: [data.length] }]]),
        })),
      },
      { requiredKeys: ["fingerprint", "history", "params", "callbacks", "loop"] },
    );
    await fc.assert(
      fc.asyncProperty(snapshot, async (made) => {
        const { params, kept, ...rest } = await decodeSnapshot(
          await encodeSnapshot(made as unknown as Snapshot<never>),
          "s",
        );
        expect(Object.fromEntries(params)).toEqual(made.params);
        expect(kept && Object.fromEntries(kept)).toEqual(made.kept);
        expect(rest).toEqual({
          ...rest,
          ...Object.fromEntries(
            ["fingerprint", "history", "callbacks", "loop"].map((key) => [key, made[key as "loop"]]),
          ),
        });
        expect(Object.is(rest.history.at(-1)?.loss, made.history.at(-1)?.loss)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});

describe("snapshotFile", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "gmnm-snapshot-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test("errors name the file", async () => {
    const path = join(folder, "cut.snapshot");
    const options = (extra: FitOptions = {}) => ({ ...base, snapshots: snapshotFile(path, { every: 1 }), ...extra });
    await expect(fit(layer, data, options({ callbacks: [cutAfter(3)] }))).rejects.toThrow(Cut);
    await expect(fit(layer, data, options({ seed: 3, callbacks: [{}] }))).rejects.toThrow(
      `gmnm: ${path} is of another training (seed: 0 there, 3 here); remove it to train anew`,
    );
    writeFileSync(path, readFileSync(path).subarray(0, 1000));
    await expect(fit(layer, data, options())).rejects.toThrow(`gmnm: ${path} is damaged: its 1000 bytes do not`);
    writeFileSync(path, "");
    await expect(fit(layer, data, options())).rejects.toThrow(`gmnm: ${path} is not a snapshot of a training`);
    const nowhere = join(folder, "none", "a.snapshot");
    await expect(fit(layer, data, options({ snapshots: snapshotFile(nowhere) }))).rejects.toThrow(
      `gmnm: cannot write ${nowhere}: no such file or folder`,
    );
    await expect(fit(layer, data, options({ snapshots: snapshotFile(folder) }))).rejects.toThrow(
      `gmnm: cannot read ${folder}: it is a folder`,
    );
  });

  test("what killed writes left beside the file goes, and nothing else", async () => {
    const path = join(folder, "left.snapshot");
    const uuid = "0f8fad5b-d9cb-469f-a165-70867728950e";
    const others = [`left.snapshot.tmp`, `right.snapshot.${uuid}.tmp`, `left.snapshot.${uuid}.tmp.txt`];
    for (const name of [`left.snapshot.${uuid}.tmp`, ...others]) writeFileSync(join(folder, name), "half");
    expect(await snapshotFile(path).load()).toBeUndefined();
    const left = readdirSync(folder).filter((name) => /left|right/.test(name));
    expect(left.sort()).toEqual(others.sort());
  });
});
