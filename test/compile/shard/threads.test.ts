// Shards in threads: whoever computes what, and whatever happens to them, the numbers are the same.
import { execFile } from "node:child_process";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";
import { Worker } from "node:worker_threads";
import { numpy as np, tree, valueAndGrad } from "@jax-js/jax";
import { afterEach, expect, vi } from "vitest";
import { compileFunction, compileStep, type Step } from "../../../src/compile/compile.ts";
import type { Executor } from "../../../src/compile/executor.ts";
import { Hand, startCrew } from "../../../src/compile/shard/crew.ts";
import type { Job } from "../../../src/compile/shard/signals.ts";
import { namedTensors, type ParamTensors } from "../../../src/params.ts";
import { Random } from "../../../src/random.ts";
import { tensor } from "../../../src/tensor.ts";
import { relativeError } from "../../gradients.ts";
import { nativeTest } from "../native.ts";

afterEach(() => vi.restoreAllMocks());

type Arrays = Record<string, np.Array>;

/** A step down the gradient of a regression by two layers, and how far it goes. */
const descend: Step<"loss"> = (params, state, batch, { rate }) => {
  const { x, y } = batch as Arrays;
  const lossOf = ({ a, b }: Arrays) => np.square(np.matmul(np.tanh(np.matmul(x.ref, a)), b).sub(y.ref)).mean();
  const [loss, gradients] = valueAndGrad(lossOf)(tree.ref(params) as Arrays) as [np.Array, Arrays];
  const moved = tree.map((p: np.Array, g: np.Array) => p.sub(g.mul(rate.ref)), params as Arrays, gradients);
  tree.dispose([x, y, rate]);
  return [moved, state, { loss }];
};

const random = new Random(1);
const params = { a: random.normal([64, 256]), b: random.normal([256, 16]) };
/** Batches of some rows; the work is enough for two shards and more. */
const batches = (rows: number) => [2, 3].map(() => ({ x: random.normal([rows, 64]), y: random.normal([rows, 16]) }));
const begin = (p: Parameters<typeof tree.dispose>[0]) => {
  tree.dispose(p);
  return {};
};

type Trained = { losses: number[]; params: ParamTensors };

/** Trains on batches in turn until `isOver`, and hands on what a thread answers. */
async function train(
  given: readonly ParamTensors[],
  { threads, isOver }: { threads: number; isOver: (steps: number) => boolean },
): Promise<Trained> {
  const compiled = await compileStep(descend, { params, state: begin }, { executor: "native", threads });
  const uploaded = given.map((batch) => compiled.upload(batch));
  const losses: number[] = [];
  while (!isOver(losses.length)) {
    losses.push((await compiled.run(uploaded[losses.length % uploaded.length], { rate: 1e-4 })).loss);
    await setTimeout(0);
  }
  const trained = { losses, params: await compiled.read() };
  compiled.dispose();
  return trained;
}

const started = () => vi.spyOn(Hand.prototype, "start");
/** Until threads have computed `runs` shards; when they begin, nobody knows. */
const whenHelped = (runs: number) => {
  const start = started();
  return (steps: number) => start.mock.calls.length >= runs || steps > 5000;
};

nativeTest.each([2, 3])("%i threads: the same bits, whether threads help or not", async (threads) => {
  const given = batches(1001);
  const isOver = whenHelped(40);
  const helped = await train(given, { threads, isOver });
  expect(started().mock.calls.length).toBeGreaterThanOrEqual(40);
  const steps = helped.losses.length;
  const isLong = (length: number) => length === steps;

  vi.restoreAllMocks();
  const assign = vi.spyOn(Hand.prototype, "assign").mockRejectedValue(new Error("busy"));
  const start = started();
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  expect(await train(given, { threads, isOver: isLong })).toEqual(helped);
  // Once in a process.
  if (threads === 2) expect(warn).toHaveBeenCalledExactlyOnceWith("gmnm: training runs in fewer threads: busy");
  expect(assign).toHaveBeenCalledTimes(threads - 1);
  expect(start).not.toHaveBeenCalled();

  const alone = await train(given, { threads: 1, isOver: isLong });
  expect(relativeError(helped.losses, alone.losses)).toBeLessThan(1e-5);
  for (const [i, [, { data }]] of namedTensors(alone.params).entries())
    expect(relativeError(namedTensors(helped.params)[i][1].data, data)).toBeLessThan(1e-5);
});

nativeTest("trainings and functions take turns", async () => {
  const isOver = whenHelped(60);
  const value = await compileFunction(
    ((p: Arrays, { x }: Arrays) => np.tanh(np.matmul(x, p.a)).mul(p.b.sum()).mean()) as never,
    { executor: "native", threads: 2 },
  );
  const batch = value.upload({ x: random.normal([4000, 64]) });
  const once = await value(params, batch);
  const other = { ...params, b: random.normal([256, 16]) };
  const otherOnce = await value(other, batch);
  const values: ParamTensors[] = [];
  const given = [batches(1000), batches(900)];
  const [first, second] = await Promise.all([
    ...given.map((own) => train(own, { threads: 2, isOver })),
    (async () => {
      while (!isOver(values.length)) {
        // Two calls at once.
        values.push(...(await Promise.all([value(params, batch), value(other, batch)])));
        await setTimeout(0);
      }
    })(),
  ]);
  for (const [i, found] of values.entries()) expect(found).toEqual(i % 2 === 0 ? once : otherOnce);
  expect(values.length).toBeGreaterThan(2);
  value.dispose();
  vi.restoreAllMocks();
  for (const [i, trained] of [first, second].entries()) {
    const { losses } = trained as Trained;
    expect(await train(given[i], { threads: 2, isOver: (steps) => steps === losses.length })).toEqual(trained);
  }
});

nativeTest("a step that is not finite changes nothing, and another size of batch goes on", async () => {
  const compiled = await compileStep(descend, { params, state: begin }, { executor: "native", threads: 2 });
  const [first, second] = batches(800);
  await compiled.run(compiled.upload(first), { rate: 1e-4 });
  const before = await compiled.read();
  const broken = { ...first, x: { ...first.x, data: first.x.data.with(-1, NaN) as Float32Array<ArrayBuffer> } };
  expect((await compiled.run(compiled.upload(broken), { rate: 1e-4 })).loss).toBeNaN();
  expect(await compiled.read()).toEqual(before);
  const [smaller] = batches(700);
  const { loss } = await compiled.run(compiled.upload(smaller), { rate: 1e-4 });
  const alone = await compileStep(descend, { params: before, state: begin }, { executor: "native", threads: 1 });
  expect(loss).toBeCloseTo((await alone.run(alone.upload(smaller), { rate: 1e-4 })).loss, 4);
  await compiled.run(compiled.upload(second), { rate: 1e-4 });
  compiled.dispose();
  alone.dispose();
});

nativeTest("what ONNX Runtime refuses runs on wasm, as it does without shards", async () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  const negate: Step<"loss"> = (params, state, batch) => {
    const negative = (batch as np.Array).astype(np.uint32).neg().add(7).astype(np.float32);
    return [params, state, { loss: negative.mean() }];
  };
  const ones = tensor(new Float32Array(4000 * 256).fill(1), [4000, 256]);
  const run = async (executor: Executor) => {
    const compiled = await compileStep(negate, { params, state: begin }, { executor, threads: 2 });
    const { loss } = await compiled.run(compiled.upload(ones), {});
    compiled.dispose();
    return loss;
  };
  expect(await run("auto")).toEqual(await run("wasm"));
  expect(warn.mock.calls.join()).toMatch(/ONNX Runtime refuses the compiled function: .*; running on wasm/);
  await expect(run("native")).rejects.toThrow("ONNX Runtime refuses the compiled function");
});

nativeTest.each([0, -1, 1.5, NaN, "two"])("%s threads are refused in a sentence", async (threads) => {
  const step = compileStep(descend, { params, state: begin }, { executor: "native", threads: threads as number });
  await expect(step).rejects.toThrow(`gmnm: threads must be a whole number above 0, got ${threads}`);
});

nativeTest("a thread says what is wrong with a job, and goes on with the next", async () => {
  const [hand] = startCrew(1);
  const program = { model: Uint8Array.from([1, 2, 3]), inputs: [], made: [{ name: "y", slot: 0 }], loops: [], work: 0 };
  const memory = new SharedArrayBuffer(64) as unknown as ArrayBuffer;
  const job: Job = { id: 1e6, shard: 1, program, memory, slots: [], inputs: [], offsets: new Uint32Array(0) };
  await expect(hand.assign(job)).rejects.toThrow(/^gmnm: ONNX Runtime refuses/);
  hand.start(job.id);
  expect(await hand.finish()).toBe(false);
  await train(batches(1000), { threads: 2, isOver: whenHelped(5) });
});

nativeTest(
  "a thread that ends in the middle of a training is missed by nobody, and another takes its place",
  async () => {
    vi.spyOn(console, "warn").mockImplementation(() => {});
    const given = batches(1000);
    const post = vi.spyOn(Worker.prototype, "postMessage");
    const start = started();
    let ended: Promise<number> | undefined;
    // Called for nothing, and ended: what the others wait for does not come.
    start.mockImplementation(function (this: Hand) {
      start.mockRestore();
      this.start(0);
      ended = (post.mock.contexts[0] as Worker).terminate();
    });
    let after = 0;
    const trained = await train(given, { threads: 2, isOver: () => ended !== undefined && after++ > 20 });
    await ended;
    vi.restoreAllMocks();
    const alone = { threads: 2, isOver: (steps: number) => steps === trained.losses.length };
    expect(await train(given, alone)).toEqual(trained);
    expect(startCrew(1)[0].isLost).toBe(false);
    await train(given, { threads: 2, isOver: whenHelped(5) });
  },
);

nativeTest.each([1, 2, 400])("a process that has taken %i steps ends by itself", async (steps) => {
  const script = `
    import { fit } from "./src/train/index.ts";
    import { mlp } from "./src/models/index.ts";
    import { Random } from "./src/random.ts";
    const random = new Random(0);
    const data = { x: random.normal([2000, 32]), y: random.normal([2000, 1]) };
    const { history } = await fit(mlp([32, 128, 1]), data, { epochs: ${steps} });
    console.log(history.length);
  `;
  const env = { ...process.env, GMNM_THREADS: "2" };
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script], { env });
  expect(stdout.trim()).toBe(String(steps));
});
