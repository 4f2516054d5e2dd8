import { grad, numpy as np } from "@jax-js/jax";
import { expect, test } from "vitest";
import { GmnmError } from "../../src/errors.ts";
import { type AnyLayer, activation, gmnm, kan, linear, maxPool2d, sequential } from "../../src/nn/index.ts";
import { disposeParams, namedArrays, namedTensors, placeParams, readParams } from "../../src/params.ts";
import { Random } from "../../src/random.ts";
import { type Tensor, tensor, toArray, toTensor } from "../../src/tensor.ts";
import { forward, maxDifference, uniformTensor } from "../forward.ts";

const start = (layer: AnyLayer, sample?: Tensor, seed = 1) => readParams(layer.init(new Random(seed), sample));

test("applies its layers in order", () => {
  const [double, relu] = [linear(1, 1, { bias: false }), activation("relu")];
  const weights = () => placeParams({ weights: tensor([-2], [1, 1]) });
  const x = tensor([-1, 3], [2, 1]);
  expect([...forward(sequential(double, relu), [weights(), {}], x).data]).toEqual([2, 0]);
  expect([...forward(sequential(relu, double), [{}, weights()], x).data].map(Math.abs)).toEqual([0, 6]);
});

test("parameters are a list with one entry per layer", () => {
  const params = sequential(linear(2, 3), activation("tanh"), linear(3, 1)).init(new Random(1));
  expect(namedArrays(params).map(([path]) => path)).toEqual(["0.weights", "0.bias", "2.weights", "2.bias"]);
  disposeParams(params);
});

test("a layer starts the same whatever comes after it", () => {
  const [short, long] = [start(sequential(linear(2, 3))), start(sequential(linear(2, 3), linear(3, 3)))] as Tensor[][];
  expect(long[0]).toEqual(short[0]);
});

test("the sample reaches a layer as the layers before it have transformed it", () => {
  // Shifts by 10: the second layer must see inputs in [9, 11], not [−1, 1].
  const shift: AnyLayer = { config: { type: "shift" }, init: () => ({}), apply: (_, x) => x.add(10) };
  const sample = uniformTensor(3, [50, 2]);
  const centers = new Map(namedTensors(start(sequential(shift, gmnm(2, 1, { numComponents: 8 })), sample))).get(
    "1.centers",
  )!;
  expect(Math.min(...centers.data)).toBeGreaterThan(8.5);
  expect(Math.max(...centers.data)).toBeLessThan(11.5);
});

test("adapt adapts the layers that can, and keeps the function", () => {
  const model = sequential(linear(2, 2), kan(2, 1, { gridSize: 10 }));
  const sample = uniformTensor(3, [200, 2], -0.5, 0.5);
  const params = start(model);
  const before = forward(model, placeParams(params), sample);
  const adapted = readParams(model.adapt!(placeParams(params) as never, sample));
  expect(maxDifference(forward(model, placeParams(adapted), sample).data, before.data)).toBeLessThan(0.03);
  const [of, after] = [new Map(namedTensors(params)), new Map(namedTensors(adapted))];
  expect(after.get("0.weights")).toEqual(of.get("0.weights"));
  expect(after.get("1.buffers.grid")).not.toEqual(of.get("1.buffers.grid"));
});

test("refuses no layers, and parameters of another number of layers", () => {
  expect(() => sequential()).toThrow(new GmnmError("sequential needs at least one layer, got none"));
  const model = sequential(activation("relu"), activation("relu"));
  expect(() => forward(model, [{}], tensor([1], [1, 1]))).toThrow("sequential has 2 layers, got parameters for 1");
});

test("ReLU before a maximum over windows works on fewer numbers behind it, with the same result and gradient", () => {
  const x = new Random(7).normal([2, 6, 6, 3]);
  const [relu, pool] = [activation("relu"), maxPool2d()];
  const oneByOne = (one: np.Array) => pool.apply({}, relu.apply({}, one));
  const together = (one: np.Array) => sequential(relu, pool).apply([{}, {}], one);
  const [expected, found] = [oneByOne, together].map((fn) => toTensor(fn(toArray(x))));
  expect(found).toEqual(expected);
  const gradient = (fn: (one: np.Array) => np.Array) =>
    toTensor(grad((one: np.Array) => np.square(fn(one)).sum())(toArray(x)) as np.Array);
  expect(gradient(together)).toEqual(gradient(oneByOne));
  const sizes: number[] = [];
  const watched: AnyLayer = {
    ...relu,
    apply(_, one) {
      sizes.push(one.size);
      return relu.apply({}, one);
    },
  };
  forward(sequential(watched, pool), [{}, {}], x);
  expect(sizes).toEqual([(2 * 6 * 6 * 3) / 4]);
});
