// A convolution and the pooling behind it in one, as `sequential` runs them: the same as one after the other, whatever the executor.
import { grad, numpy as np, tree } from "@jax-js/jax";
import { describe, expect, test } from "vitest";
import { compileFunction } from "../../src/compile/compile.ts";
import { liveValues } from "../../src/compile/graph.ts";
import { buildGraph } from "../../src/compile/program.ts";
import { GmnmError } from "../../src/errors.ts";
import {
  activation,
  type Conv2dOptions,
  conv2d,
  maxPool2d,
  type Pool2dOptions,
  sequential,
} from "../../src/nn/index.ts";
import type { AnyLayer, Params } from "../../src/nn/layer.ts";
import { namedTensors, placeParams, readParams } from "../../src/params.ts";
import { Random } from "../../src/random.ts";
import { type Tensor, tensor, toTensor } from "../../src/tensor.ts";
import { forward, maxDifference } from "../forward.ts";

type Arrays = { conv: Params; x: np.Array };

const cases: [channels: number, outputs: number, shape: [number, number], conv: Conv2dOptions, pool: Pool2dOptions][] =
  [
    [1, 3, [6, 6], {}, {}],
    [3, 2, [7, 9], { bias: false }, {}],
    [4, 5, [8, 6], { padding: "valid" }, {}],
    [2, 3, [9, 8], { padding: 2 }, {}],
    [2, 3, [6, 7], { kernelSize: 4 }, {}], // "same" adds more at the end
    [1, 4, [12, 10], { kernelSize: 5 }, { size: 3 }],
    [1, 2, [6, 6], { kernelSize: 2 }, {}], // fields too large to pay
    [5, 2, [6, 6], {}, {}], // too many channels
    [2, 3, [9, 9], {}, { size: 2, strides: 1 }],
    [2, 4, [9, 9], { groups: 2 }, {}],
    [2, 3, [9, 9], { strides: 2 }, {}],
    [2, 3, [9, 9], { dilation: 2 }, {}],
  ];

describe.each(cases)("%i to %i channels, %j, %j, %j", (channels, outputs, [height, width], options, poolOptions) => {
  const layers: AnyLayer[] = [conv2d(channels, outputs, options), activation("relu"), maxPool2d(poolOptions)];
  const model = sequential(...layers);
  const random = new Random(5);
  const conv = readParams(layers[0].init(random));
  if ("bias" in conv) conv.bias = random.normal([outputs]);
  const args = { conv, x: random.normal([2, height, width, channels]) };
  const together = ({ conv, x }: Arrays) => model.apply([conv, {}, {}], x);
  const oneByOne = ({ conv, x }: Arrays) =>
    layers.reduce((h, layer, i) => layer.apply(i === 0 ? (conv as never) : {}, h), x);
  const withGradients = (fn: (arrays: Arrays) => np.Array) => (arrays: Arrays) => ({
    y: fn(tree.ref(arrays)),
    gradients: grad((given: Arrays) => np.square(fn(given)).sum())(arrays) as Params,
  });
  const expected = readParams(withGradients(oneByOne)(placeParams(args) as Arrays));

  test.each(["native", "wasm"] as const)(
    "%s: values and gradients are those of one layer after another",
    async (executor) => {
      const compiled = await compileFunction(withGradients(together), { executor });
      const found = new Map(namedTensors(await compiled(args)));
      for (const [path, { data }] of namedTensors(expected))
        expect(maxDifference(found.get(path)!.data, data), path).toBeLessThan(2e-5 * Math.max(...data.map(Math.abs)));
      compiled.dispose();
    },
  );
});

test("images of one channel are a product for each place in a window, over fields of 16 pixels", () => {
  const model = sequential(conv2d(1, 8), activation("relu"), maxPool2d());
  const conv = readParams(conv2d(1, 8).init(new Random(1)));
  const x = new Random(2).normal([2, 8, 8, 1]);
  const apply = ({ conv, x }: Arrays) => model.apply([conv, {}, {}], x);
  const products = liveValues(buildGraph(apply, [{ conv, x }] as never).outputs).filter(({ op }) => op === "Gemm");
  expect(products.map(({ shape, inputs: [fields] }) => [shape, fields.shape])).toEqual(
    Array(4).fill([
      [32, 8],
      [32, 16],
    ]),
  );
});

test.each(["native", "wasm"] as const)("%s: of equals the first gets the gradient", async (executor) => {
  // A kernel of one pixel in the middle, so that the output is the image.
  const kernel = tensor([0, 0, 0, 0, 1, 0, 0, 0, 0], [9, 1]);
  const model = sequential(conv2d(1, 1, { bias: false }), maxPool2d());
  const largest = (x: np.Array, weights: np.Array) => model.apply([{ weights }, {}], x).sum();
  const compiled = await compileFunction(grad(largest) as never, { executor });
  const flat = (await compiled(tensor(new Array(16).fill(3), [1, 4, 4, 1]), kernel)) as Tensor;
  expect([...flat.data]).toEqual([1, 0, 1, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0]);
  compiled.dispose();
});

test("images that do not suit are refused by the layer that they do not suit", () => {
  const model = sequential(conv2d(1, 2, { padding: "valid" }), maxPool2d());
  const params = () => [conv2d(1, 2).init(new Random(1)), {}];
  const says = (shape: number[], said: string) => {
    const image = tensor(new Float32Array(shape.reduce((a, b) => a * b)), shape);
    expect(() => forward(model, params(), image)).toThrow(new GmnmError(said));
    expect(() => buildGraph(((x: np.Array) => model.apply(params(), x)) as never, [image])).toThrow(
      new GmnmError(said),
    );
  };
  says([1, 2, 5, 1], "conv2d needs images of at least 3 by 3, got (1, 2, 5, 1)");
  says([1, 5, 3, 1], "maxPool2d needs images of at least 2 by 2, got (1, 3, 1, 2)");
  says([1, 5, 5, 2], "conv2d expected x of shape (batch, height, width, 1), got (1, 5, 5, 2)");
  says([5, 5, 1], "conv2d expected x of shape (batch, height, width, 1), got (5, 5, 1)");
  expect(toTensor(model.apply(params(), np.zeros([1, 4, 4, 1]))).shape).toEqual([1, 1, 1, 2]);
});
