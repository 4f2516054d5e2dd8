import { defaultDevice, numpy as np, tree } from "@jax-js/jax";
import { afterAll, describe, expect, test } from "vitest";
import { compileFunction, compileStep, type Step } from "../../src/compile/compile.ts";
import { ready } from "../../src/compile/executor.ts";
import { GmnmError } from "../../src/errors.ts";
import { placeParams } from "../../src/params.ts";
import { tensor } from "../../src/tensor.ts";
import { liveBuffers } from "../live-buffers.ts";

let traces = 0;
/** p ← p − rate · (p − mean of x); the state counts steps. */
const step: Step<"distance" | "count"> = (params, state, batch, { rate }) => {
  traces++;
  const { p } = params as { p: np.Array };
  const error = p.ref.sub((batch as { x: np.Array }).x.mean());
  const count = (state as np.Array).add(1);
  const metrics = { distance: np.abs(error.ref).sum(), count: count.ref };
  return [{ p: p.sub(error.mul(rate)) }, count, metrics];
};
const start = {
  params: { p: tensor([8], [1]) },
  state: (params: Parameters<typeof tree.dispose>[0]) => {
    tree.dispose(params);
    return np.zeros([]);
  },
};

describe("compileStep", () => {
  test("traces once, keeps parameters and state, and reads metrics as numbers", async () => {
    traces = 0;
    const before = liveBuffers();
    const compiled = await compileStep(step, start);
    const batch = compiled.upload({ x: tensor([-1, 1], [2]) });
    const metrics = [];
    for (const rate of [0.5, 0.5, 1]) metrics.push(await compiled.run(batch, { rate }));
    expect(metrics).toEqual([
      { distance: 8, count: 1 },
      { distance: 4, count: 2 },
      { distance: 2, count: 3 },
    ]);
    expect(await compiled.read()).toEqual({ p: tensor([0], [1]) });
    expect(traces).toBe(1);
    batch.dispose();
    compiled.dispose();
    expect(liveBuffers()).toBe(before);
  });

  test("takes other batches of the same shape without tracing anew; what was read stays as it was", async () => {
    traces = 0;
    const compiled = await compileStep(step, start);
    const first = await compiled.read();
    for (const x of [4, 6]) {
      const batch = compiled.upload({ x: tensor([x], [1]) });
      expect((await compiled.run(batch, { rate: 1 })).distance).toBe(x === 4 ? 4 : 2);
      batch.dispose();
    }
    expect(await compiled.read()).toEqual({ p: tensor([6], [1]) });
    expect(first).toEqual({ p: tensor([8], [1]) });
    expect(traces).toBe(1);
    compiled.dispose();
  });

  test.each(["native", "wasm"] as const)("%s: a step may return its arrays in another order", async (executor) => {
    const swapping: Step<"loss"> = (params, state, batch) => {
      tree.dispose(batch);
      const { a, b } = params as Record<string, np.Array>;
      const { c, d } = state as Record<string, np.Array>;
      return [{ b: b.mul(2), a: a.add(1) }, { d: d.mul(3), c }, { loss: np.zeros([]) }];
    };
    const state = (params: Parameters<typeof tree.dispose>[0]) => {
      tree.dispose(params);
      return placeParams({ c: tensor([1], [1]), d: tensor([2], [1]) });
    };
    const given = { params: { a: tensor([5], [1]), b: tensor([7], [1]) }, state };
    const compiled = await compileStep(swapping, given, { executor });
    const batch = compiled.upload({ x: tensor([0], [1]) });
    for (let i = 0; i < 2; i++) await compiled.run(batch, {});
    expect(await compiled.read()).toEqual({ a: tensor([7], [1]), b: tensor([28], [1]) });
    expect(await compiled.readState()).toEqual({ c: tensor([1], [1]), d: tensor([18], [1]) });
    batch.dispose();
    compiled.dispose();
  });

  test.each([
    [(p: np.Array) => ({ p: p.reshape([1, 1]) }), 'the step takes "p" of shape (1) and returns it of shape (1, 1)'],
    [(p: np.Array) => ({ q: p }), 'the step takes "p" of shape (1) and returns it not'],
  ])("native: a step must return what it takes", async (change, message) => {
    const losing: Step<"loss"> = (params, state, batch) => {
      tree.dispose(batch);
      return [change((params as { p: np.Array }).p), state, { loss: np.zeros([]) }];
    };
    const compiled = await compileStep(losing, start, { executor: "native" });
    const batch = compiled.upload({ x: tensor([0], [1]) });
    await expect(compiled.run(batch, {})).rejects.toThrow(message);
    batch.dispose();
    compiled.dispose();
  });

  test("update changes the parameters and not the state", async () => {
    const before = liveBuffers();
    const compiled = await compileStep(step, start);
    const batch = compiled.upload({ x: tensor([0], [1]) });
    await compiled.run(batch, { rate: 0 });
    await compiled.update((params) => ({ p: (params as { p: np.Array }).p.mul(3) }));
    expect(await compiled.run(batch, { rate: 0 })).toEqual({ distance: 24, count: 2 });
    batch.dispose();
    compiled.dispose();
    expect(liveBuffers()).toBe(before);
  });

  test.each(["native", "wasm"] as const)(
    "%s: goes on in another step from what was read of the first",
    async (executor) => {
      const before = liveBuffers();
      const first = await compileStep(step, start, { executor });
      const x = tensor([3], [1]);
      let batch = first.upload({ x });
      await first.run(batch, { rate: 0.3 });
      const [params, state] = [await first.read(), await first.readState()];
      expect(state).toEqual(tensor([1], []));
      const expected = await first.run(batch, { rate: 0.7 });
      batch.dispose();
      first.dispose();
      // What was read stays as it was.
      expect(state).toEqual(tensor([1], []));
      const second = await compileStep(
        step,
        {
          params,
          state(fresh) {
            tree.dispose(fresh);
            return placeParams(state);
          },
        },
        { executor },
      );
      batch = second.upload({ x });
      expect(await second.run(batch, { rate: 0.7 })).toEqual(expected);
      expect(expected.count).toBe(2);
      batch.dispose();
      second.dispose();
      expect(liveBuffers()).toBe(before);
    },
  );

  test("a step that cannot be traced tells its own error and leaves the parameters", async () => {
    const before = liveBuffers();
    const compiled = await compileStep((params, state, batch, scalars) => {
      if ((batch as { x: np.Array }).x.shape[0] === 2) throw new GmnmError("two rows");
      return step(params, state, batch, scalars);
    }, start);
    const [two, one] = [tensor([1, 2], [2]), tensor([8], [1])].map((x) => compiled.upload({ x }));
    await expect(compiled.run(two, { rate: 1 })).rejects.toThrow("gmnm: two rows");
    expect(await compiled.run(one, { rate: 1 })).toEqual({ distance: 0, count: 1 });
    for (const batch of [one, two]) batch.dispose();
    compiled.dispose();
    expect(liveBuffers()).toBe(before);
  });
});

describe("compileFunction", () => {
  test("maps tensors and uploaded trees to tensors", async () => {
    const before = liveBuffers();
    const combine = await compileFunction(({ a, b }: { a: np.Array; b: np.Array }, c: np.Array) => ({
      sum: a.ref.add(b),
      list: [a.mul(c)],
    }));
    const held = combine.upload({ a: tensor([1, 2], [2]), b: tensor([10, 20], [2]) });
    for (const c of [2, 3]) {
      expect(await combine(held, tensor([c], []))).toEqual({
        sum: tensor([11, 22], [2]),
        list: [tensor([c, 2 * c], [2])],
      });
    }
    held.dispose();
    combine.dispose();
    expect(liveBuffers()).toBe(before);
  });

  test("another shape is compiled when it comes", async () => {
    const double = await compileFunction((x: np.Array) => x.mul(2));
    expect(await double(tensor([1], [1]))).toEqual(tensor([2], [1]));
    expect(await double(tensor([1, 2], [2, 1]))).toEqual(tensor([2, 4], [2, 1]));
    double.dispose();
  });

  test.each(["auto", "wasm"] as const)("whole numbers and truths come out as float32, on %s", async (executor) => {
    const compiled = await compileFunction(
      (x: np.Array) => ({ last: x.ref.astype(np.int32), largest: np.argmax(x.ref), positive: np.greater(x, 0) }),
      { executor },
    );
    expect(await compiled(tensor([-1.5, 0, 2.5], [3]))).toEqual({
      last: tensor([-1, 0, 2], [3]),
      largest: tensor([2], []),
      positive: tensor([0, 0, 1], [3]),
    });
    compiled.dispose();
  });

  test("a function that cannot be traced tells its own error and leaves nothing behind", async () => {
    const before = liveBuffers();
    const broken = await compileFunction((x: np.Array) => {
      if (x.shape[0] === 2) throw new GmnmError("two rows");
      return x;
    });
    const held = broken.upload(tensor([1, 2], [2]));
    await expect(broken(held)).rejects.toThrow("gmnm: two rows");
    await expect(broken(tensor([1, 2], [2]))).rejects.toThrow("gmnm: two rows");
    expect(await broken(tensor([5], [1]))).toEqual(tensor([5], [1]));
    held.dispose();
    broken.dispose();
    expect(liveBuffers()).toBe(before);
  });
});

describe("the executor", () => {
  afterAll(() => {
    defaultDevice("wasm");
  });

  test.each(["auto", "wasm"] as const)("%s is wasm, and becomes the default", async (executor) => {
    defaultDevice("cpu");
    expect(await ready(executor)).toBe("wasm");
    expect(defaultDevice()).toBe("wasm");
  });

  // Where there is WebGPU there is nothing to refuse.
  test.runIf(!globalThis.navigator?.gpu)("webgpu where there is none is one clear sentence", async () => {
    const sentence = 'gmnm: executor "webgpu" is not available here';
    await expect(ready("webgpu")).rejects.toThrow(sentence);
    await expect(compileFunction((x: np.Array) => x, { executor: "webgpu" })).rejects.toThrow(sentence);
    await expect(compileStep(step, start, { executor: "webgpu" })).rejects.toThrow(sentence);
    expect(defaultDevice()).toBe("wasm");
  });

  test("an unknown name is refused", async () => {
    await expect(ready("gpu" as never)).rejects.toThrow(
      'gmnm: executor must be one of auto, native, wasm, webgpu, got "gpu"',
    );
  });
});
