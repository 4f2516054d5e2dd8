import { expect, test } from "vitest";
import { activation, ensemble, gmnm, kan, linear } from "../../src/nn/index.ts";
import { disposeParams, namedTensors, placeParams, readParams } from "../../src/params.ts";
import { Random } from "../../src/random.ts";
import { tensor } from "../../src/tensor.ts";
import { forward, uniformTensor } from "../forward.ts";
import { liveBuffers } from "../live-buffers.ts";

test("is the mean of its layers' results", () => {
  const [double, relu] = [linear(1, 1, { bias: false }), activation("relu")];
  const weights = placeParams({ weights: tensor([-2], [1, 1]) });
  expect([...forward(ensemble(double, relu), [weights, {}], tensor([-1, 3], [2, 1])).data]).toEqual([1, -1.5]);
});

test("every layer starts from the sample itself, and no two layers alike", () => {
  const layer = gmnm(2, 1, { numComponents: 4 });
  const sample = uniformTensor(3, [50, 2]);
  const params = readParams(ensemble(layer, layer).init(new Random(1), sample));
  const [first, second] = ["0.centers", "1.centers"].map((name) => new Map(namedTensors(params)).get(name)!);
  expect(first.data).not.toEqual(second.data);
  expect(Math.max(...first.data, ...second.data)).toBeLessThan(1.5);
});

test("adapts the layers that adapt", () => {
  const layer = ensemble(kan(1, 1, { gridSize: 2 }), linear(1, 1));
  const params = layer.init(new Random(1), tensor([-1, 1], [2, 1]));
  const adapted = readParams(layer.adapt!(params, tensor([-3, 5], [2, 1])));
  expect([...new Map(namedTensors(adapted)).get("0.buffers.grid")!.data]).toEqual([-3, 5]);
});

test("refuses layers whose results differ in shape, and parameters of another number of layers", () => {
  const layer = ensemble(linear(2, 1), linear(2, 3));
  const before = liveBuffers();
  const params = layer.init(new Random(1));
  expect(() => forward(layer, params, tensor([1, 2], [1, 2]))).toThrow(
    "the layers of ensemble must make results of one shape, got (1, 1) and (1, 3)",
  );
  const one = linear(2, 1).init(new Random(1));
  expect(() => layer.apply([one], null as never)).toThrow("ensemble has 2 layers, got parameters for 1");
  disposeParams(one);
  expect(liveBuffers()).toBe(before);
  expect(() => ensemble()).toThrow("ensemble needs at least one layer");
});
