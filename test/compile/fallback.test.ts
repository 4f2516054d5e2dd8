// Where the native executor cannot run: without its package, and for functions that have no form in ONNX.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { lax, numpy as np, tree, valueAndGrad } from "@jax-js/jax";
import { afterEach, describe, expect, test, vi } from "vitest";
import { type CompileOptions, compileFunction, compileStep, type Step } from "../../src/compile/compile.ts";
import type { Params } from "../../src/nn/layer.ts";
import { linear } from "../../src/nn/linear.ts";
import { tensor } from "../../src/tensor.ts";
import { fit } from "../../src/train/fit.ts";
import { liveBuffers } from "../live-buffers.ts";
import { line } from "../train/examples.ts";
import { describeNative, nativeTest } from "./native.ts";

const file = (name: string) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

describe("without onnxruntime-node", () => {
  test("auto trains on wasm and says so in one line; native is refused in one sentence", async () => {
    const preload = `--import=${file("without-onnxruntime.ts")}`;
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [preload, file("train.ts")]);
    expect(stderr).toBe("gmnm: onnxruntime-node is not installed; training runs on wasm\n");
    const { loss, predicted, native } = JSON.parse(stdout);
    expect(loss).toBeLessThan(0.1);
    expect(predicted).toBeCloseTo(21, 3);
    expect(native).toBe('gmnm: executor "native" needs the package onnxruntime-node, which is not installed here');
  });
});

nativeTest("with onnxruntime-node, auto says nothing", async () => {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [file("train.ts")]);
  expect(stderr).toBe("");
  expect(JSON.parse(stdout).native).toMatchObject({ stopped: "completed" });
});

describeNative("a primitive that has no form in ONNX", () => {
  const said: string[] = [];
  const listen = () => vi.spyOn(console, "warn").mockImplementation((text) => void said.push(text));
  afterEach(() => {
    vi.restoreAllMocks();
    said.length = 0;
  });

  const largest = (x: np.Array) => np.sort(x).slice([-2]);
  const x = tensor([3, 1, 2], [3]);

  nativeTest("a function: auto runs on wasm and names it once, native throws naming it", async () => {
    listen();
    const before = liveBuffers();
    for (let i = 0; i < 2; i++) {
      const sorted = await compileFunction(largest);
      const held = sorted.upload(x);
      for (const argument of [x, held]) expect(await sorted(argument)).toEqual(tensor([2, 3], [2]));
      expect(await sorted(tensor([5, 7, 6, 4], [4]))).toEqual(tensor([6, 7], [2]));
      held.dispose();
      sorted.dispose();
    }
    expect(said).toEqual(["gmnm: the primitive sort has no form in ONNX; running on wasm"]);
    const refused = await compileFunction(largest, { executor: "native" });
    await expect(refused(x)).rejects.toThrow("gmnm: the primitive sort has no form in ONNX");
    refused.dispose();
    expect(liveBuffers()).toBe(before);
  });

  /** Moves p towards the mean of x in the two places where it is largest; the Cholesky factor of (1) is 1. */
  const step: Step<"loss"> = (params, state, batch, { rate }) => {
    const loss = (p: np.Array) => {
      const one = np.linalg.cholesky(np.ones([1, 1]).mul((batch as np.Array).ref.mul(0).sum().add(1)));
      return np
        .square(p.sub((batch as np.Array).mean()))
        .sum()
        .mul(one.sum());
    };
    const [value, gradient] = valueAndGrad(loss)((params as np.Array).ref) as [np.Array, np.Array];
    const next = (state as np.Array).add(1);
    return [(params as np.Array).sub(gradient.mul(rate)), next, { loss: value }];
  };
  const state = (params: Params) => {
    tree.dispose(params);
    return np.array(7);
  };
  const run = async (options: CompileOptions) => {
    const compiled = await compileStep(step, { params: tensor([0, 1], [2]), state }, options);
    await compiled.update((params) => (params as np.Array).add(1));
    const batch = compiled.upload(tensor([0, 6], [2]));
    try {
      const losses = [];
      for (const rate of [0.25, 0.25]) losses.push((await compiled.run(batch, { rate })).loss);
      await compiled.update((params) => (params as np.Array).add(1));
      return { losses, params: await compiled.read(), state: await compiled.readState() };
    } finally {
      batch.dispose();
      compiled.dispose();
    }
  };

  nativeTest("a step: the same", async () => {
    listen();
    const before = liveBuffers();
    const expected = await run({ executor: "wasm" });
    expect(expected).toEqual({ losses: [5, 1.25], params: tensor([3.5, 3.75], [2]), state: tensor([9], []) });
    expect(await run({ executor: "auto" })).toEqual(expected);
    expect(await run({})).toEqual(expected);
    expect(said).toEqual(["gmnm: the primitive cholesky has no form in ONNX; running on wasm"]);
    await expect(run({ executor: "native" })).rejects.toThrow("gmnm: the primitive cholesky has no form in ONNX");
    expect(liveBuffers()).toBe(before);
  });

  nativeTest("what ONNX Runtime refuses falls back, too", async () => {
    listen();
    const masked = (at: np.Array) => np.bitwiseAnd(at.astype(np.uint32), 1).astype(np.float32);
    const unsigned = (at: np.Array) => at.astype(np.uint32).neg().add(4).astype(np.float32);
    for (const fn of [masked, unsigned]) {
      const compiled = await compileFunction(fn);
      const wasm = await compileFunction(fn, { executor: "wasm" });
      expect(await compiled(x)).toEqual(await wasm(x));
      compiled.dispose();
      wasm.dispose();
    }
    expect(said).toHaveLength(2);
    expect(said[0]).toBe("gmnm: the primitive bit_combine has no form in ONNX; running on wasm");
    expect(said[1]).toMatch(/^gmnm: ONNX Runtime refuses the compiled function: .*; running on wasm$/);
  });

  nativeTest("fit with a loss that has one: auto trains, native names it", async () => {
    listen();
    const loss = (p: np.Array, y: np.Array) => {
      const error = p.sub(y).reshape([1, 1, 10]);
      return np.square(lax.conv(error, np.array([[[0.7, 0.3]]]), [1], "VALID")).mean();
    };
    const options = { loss, epochs: 60, progress: false } as const;
    const { history } = await fit(linear(1, 1), line(10), options);
    expect(history.at(-1)!.loss).toBeLessThan(0.5 * history[0].loss);
    expect(said).toEqual([
      "gmnm: the primitive conv of other than float32 images has no form in ONNX; running on wasm",
    ]);
    await expect(fit(linear(1, 1), line(10), { ...options, executor: "native" })).rejects.toThrow(
      "gmnm: the primitive conv of other than float32 images has no form in ONNX",
    );
  });

  nativeTest("a step that is not finite changes nothing, natively or not", async () => {
    const zero = (p: Params) => {
      tree.dispose(p);
      return np.zeros([]);
    };
    const root: Step<"loss"> = (params, counter, _, { rate }) => {
      const p = params as np.Array;
      const loss = np.sqrt(p.ref.sub(rate)).sum();
      return [p.sub(1), (counter as np.Array).add(1), { loss }];
    };
    for (const executor of ["native", "wasm"] as const) {
      const compiled = await compileStep(root, { params: tensor([4], [1]), state: zero }, { executor });
      const batch = compiled.upload(tensor([0], [1]));
      expect((await compiled.run(batch, { rate: 0 })).loss).toBe(2);
      expect((await compiled.run(batch, { rate: 9 })).loss).toBeNaN();
      expect(await compiled.read()).toEqual(tensor([3], [1]));
      expect((await compiled.run(batch, { rate: 2 })).loss).toBe(1);
      expect(await compiled.read()).toEqual(tensor([2], [1]));
      batch.dispose();
      compiled.dispose();
    }
  });
});
