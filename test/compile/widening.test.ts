// Large tensors with short rows, such as images with a few channels: broadcasts and sums work on several rows side by side.
import { numpy as np, valueAndGrad } from "@jax-js/jax";
import { expect, test } from "vitest";
import { compileFunction } from "../../src/compile/compile.ts";
import { liveValues } from "../../src/compile/graph.ts";
import { buildGraph } from "../../src/compile/program.ts";
import type { Params } from "../../src/nn/layer.ts";
import { namedTensors, type ParamTensors } from "../../src/params.ts";
import { Random } from "../../src/random.ts";
import type { Tensor } from "../../src/tensor.ts";
import { relativeError } from "../gradients.ts";
import { describeNative } from "./native.ts";

type Fn = (x: np.Array, v: np.Array) => Params;

const functions: Record<string, Fn> = {
  "one number per channel, added and multiplied": (x, v) => x.mul(v.ref).add(v),
  "a comparison and a choice by channel": (x, v) => np.where(np.greater(x.ref, v.ref), x, v),
  "a sum over all but the channels": (x, v) => x.sum([0, 1, 2]).mul(v),
  "a largest number per channel": (x, v) => np.max(x, [0, 1, 2]).mul(v),
  "a sum of squares": (x, v) => np.square(x).sum([0, 1, 2]).add(v),
  "a sum over rows and columns, images apart": (x, v) => x.sum([1, 2]).mul(v),
  "mean and variance": (x, v) => {
    const mean = x.ref.mean([0, 1, 2]);
    return np.square(x.sub(mean)).mean([0, 1, 2]).mul(v);
  },
  "components outermost, weighted and summed": (x, v) => {
    const [rows, channels] = [x.size / v.size, v.size];
    const centers = np.concatenate([v.ref, v.ref.mul(2), v.ref.mul(-1), v.ref.add(1)]).reshape([4, 1, channels]);
    const z = x.reshape([1, rows, channels]).sub(centers.ref); // (4, rows, channels)
    return np.exp(np.square(z).mul(-0.5)).mul(centers).sum(0).add(v);
  },
};

const shapes = [
  [40, 12, 12, 8],
  [7, 30, 9, 12],
  [3, 101, 103, 1],
  [1, 1, 5003, 4],
  [2, 96, 96, 2],
];

describeNative("on native as on wasm, with gradients", () => {
  test.each(Object.entries(functions))("%s", async (_, fn) => {
    const both = (x: np.Array, v: np.Array) => {
      const loss = (at: np.Array, w: np.Array) => np.square(fn(at, w) as np.Array).mean();
      const [value, gradients] = valueAndGrad(loss, { argnums: [0, 1] })(x.ref, v.ref);
      return { y: fn(x, v), value, gradients };
    };
    for (const [i, shape] of shapes.entries()) {
      const args = [new Random(i).normal(shape), new Random(i + 9).normal([shape[3]])] as const;
      const run = async (executor: "wasm" | "native") => {
        const compiled = await compileFunction(both, { executor });
        const found = namedTensors((await compiled(...args)) as ParamTensors);
        compiled.dispose();
        return new Map<string, Tensor>(found);
      };
      // wasm adds ten thousands of float32 one after another; a number in a wrong place would be an error of the order of 1.
      const [wasm, native] = [await run("wasm"), await run("native")];
      for (const [path, { data, shape: size }] of wasm) {
        expect(native.get(path)!.shape).toEqual(size);
        expect(relativeError(native.get(path)!.data, data), `${path} of (${shape})`).toBeLessThan(5e-4);
      }
    }
  });
});

test("rows of 8 become longer, rows of 512 stay", () => {
  const graphOf = (channels: number) => {
    const args = [new Random(1).normal([64 * 49, channels]), new Random(2).normal([channels])];
    const ops = liveValues(buildGraph(functions["one number per channel, added and multiplied"], args).outputs);
    return ops.map(({ op }) => op);
  };
  expect(graphOf(8)).toContain("Expand");
  expect(graphOf(512)).not.toContain("Expand");
});

test("an axis of the smaller operand alone stays where the function has it, not innermost", () => {
  const args = [new Random(1).normal([16, 64, 64]), new Random(2).normal([4, 2])];
  const kernels: Fn = (x, v) => x.reshape([4, 4, 1, 64, 64]).mul(v.reshape([4, 2, 1, 1])); // (4, 4, 2, 64, 64)
  const products = liveValues(buildGraph(kernels, args).outputs).filter(({ op }) => op === "Mul");
  expect(products.map(({ shape }) => shape.at(-1))).toEqual([64 * 64]);
});
