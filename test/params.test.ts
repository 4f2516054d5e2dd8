import { describe, expect, test } from "vitest";
import { GmnmError } from "../src/errors.ts";
import { activation, kan, linear, sequential } from "../src/nn/index.ts";
import {
  countParameters,
  disposeParams,
  fillParams,
  isBuffer,
  mapParams,
  namedArrays,
  namedTensors,
  type ParamTensors,
  partition,
  placeParams,
  readParams,
} from "../src/params.ts";
import { Random } from "../src/random.ts";
import { type Tensor, tensor, zeros } from "../src/tensor.ts";
import { liveBuffers } from "./live-buffers.ts";

const model = sequential(linear(2, 3), activation("tanh"), kan(3, 1, { gridSize: 2 }));
const start = () => model.init(new Random(1));
const paths = ["0.weights", "0.bias", "2.coefficients", "2.base", "2.buffers.grid"];

/** Runs a check on a parameter tree, releases it, and expects nothing left on the device. */
function withParams(check: (params: ReturnType<typeof start>) => void): void {
  const before = liveBuffers();
  const params = start();
  check(params);
  expect(namedArrays(params).map(([, array]) => array.refCount)).toEqual(paths.map(() => 1));
  disposeParams(params);
  expect(liveBuffers()).toBe(before);
}

test("arrays and tensors have the same dotted paths, in the same order", () => {
  withParams((params) => {
    expect(namedArrays(params).map(([path]) => path)).toEqual(paths);
    expect(namedTensors(readParams(params)).map(([path]) => path)).toEqual(paths);
  });
});

test("a single array is a tree with an empty path", () => {
  expect(namedTensors(tensor([1], [1])).map(([path]) => path)).toEqual([""]);
});

test("a tree read back and placed again is the same tree", () => {
  withParams((params) => {
    const read = readParams(params);
    const placed = placeParams(read);
    expect(readParams(placed)).toEqual(read);
    disposeParams(placed);
  });
});

test("mapParams keeps the form and passes each path", () => {
  withParams((params) => {
    expect(mapParams(params, (array, path) => `${path} ${array.shape}`)).toEqual([
      { weights: "0.weights 2,3", bias: "0.bias 3" },
      {},
      { coefficients: "2.coefficients 3,5,1", base: "2.base 3,1", buffers: { grid: "2.buffers.grid 2,3" } },
    ]);
  });
});

describe("buffers", () => {
  test("are what stands under a key of that name", () => {
    expect(["2.buffers.grid", "buffers.0"].map(isBuffer)).toEqual([true, true]);
    expect(["2.weights", "buffersize", "my-buffers.x", ""].map(isBuffer)).toEqual([false, false, false, false]);
  });

  test("do not count as parameters", () => {
    withParams((params) => expect(countParameters(readParams(params))).toBe(6 + 3 + 15 + 3));
  });

  test("are parted from what is trained, and put together again into the same arrays", () => {
    withParams((params) => {
      const { trainable, buffers, combine } = partition(params);
      expect(Object.keys(trainable)).toEqual(paths.slice(0, 4));
      expect(Object.keys(buffers)).toEqual(["2.buffers.grid"]);
      const [before, after] = [namedArrays(params), namedArrays(combine(trainable, buffers))];
      for (const [i, [path, array]] of before.entries()) {
        expect(after[i][0]).toBe(path);
        expect(after[i][1]).toBe(array);
      }
    });
  });
});

describe("fillParams", () => {
  const example: ParamTensors = [{ weights: zeros([2, 3]), bias: zeros([3]) }, {}, { buffers: { grid: zeros([2]) } }];
  const all = () =>
    new Map<string, Tensor>(
      namedTensors(example).map(([path, { shape }], i) => [path, { data: zeros(shape).data.fill(i), shape }]),
    );

  test("puts each tensor where its path says", () => {
    expect(fillParams(example, all())).toEqual([
      { weights: tensor([0, 0, 0, 0, 0, 0], [2, 3]), bias: tensor([1, 1, 1], [3]) },
      {},
      { buffers: { grid: tensor([2, 2], [2]) } },
    ]);
  });

  test.each<[string, (tensors: Map<string, Tensor>) => unknown, string]>([
    ["is missing", (t) => t.delete("0.bias"), 'tensor "0.bias" of shape (3) is missing'],
    ["is unknown", (t) => t.set("0.gain", zeros([1])), 'tensor "0.gain" does not belong to this model'],
    [
      "has a name like an inherited property",
      (t) => t.set("toString", zeros([1])),
      'tensor "toString" does not belong to this model',
    ],
    [
      "has the wrong shape",
      (t) => t.set("0.weights", zeros([3, 2])),
      'tensor "0.weights" must have shape (2, 3), got (3, 2)',
    ],
    ["has another rank", (t) => t.set("0.bias", zeros([3, 1])), 'tensor "0.bias" must have shape (3), got (3, 1)'],
  ])("names a tensor that %s", (_, change, message) => {
    const tensors = all();
    change(tensors);
    expect(() => fillParams(example, tensors)).toThrow(new GmnmError(message));
  });
});
