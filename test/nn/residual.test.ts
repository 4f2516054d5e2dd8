import { expect, test } from "vitest";
import { GmnmError } from "../../src/errors.ts";
import { gmnm, kan, linear, residual, sequential } from "../../src/nn/index.ts";
import { namedTensors, placeParams, readParams } from "../../src/params.ts";
import { Random } from "../../src/random.ts";
import { tensor } from "../../src/tensor.ts";
import { forward, maxDifference, uniformTensor } from "../forward.ts";

test("adds x to what its layer makes of it", () => {
  const weights = placeParams({ weights: tensor([10, 0, 0, 100], [2, 2]) });
  const y = forward(residual(linear(2, 2, { bias: false })), weights, tensor([1, 2, -3, 4], [2, 2]));
  expect([...y.data]).toEqual([11, 202, -33, 404]);
});

test("its parameters are its layer's, started from the same seed and sample", () => {
  const layer = gmnm(2, 2, { numComponents: 4 });
  const sample = uniformTensor(3, [50, 2], 9, 11);
  const params = readParams(residual(layer).init(new Random(5), sample));
  expect(params).toEqual(readParams(layer.init(new Random(5), sample)));
  const centers = new Map(namedTensors(params)).get("centers")!;
  expect(Math.min(...centers.data)).toBeGreaterThan(8);
});

test("adapt adapts its layer, and keeps the function", () => {
  const model = residual(kan(2, 2, { gridSize: 10 }));
  const sample = uniformTensor(3, [200, 2], -0.5, 0.5);
  const params = readParams(model.init(new Random(1)));
  const before = forward(model, placeParams(params), sample);
  const adapted = readParams(model.adapt!(placeParams(params), sample));
  expect(adapted).not.toEqual(params);
  expect(maxDifference(forward(model, placeParams(adapted), sample).data, before.data)).toBeLessThan(0.03);
  const fixed = residual(linear(2, 2));
  expect(readParams(fixed.adapt!(placeParams(readParams(fixed.init(new Random(1)))), sample))).toEqual(
    readParams(fixed.init(new Random(1))),
  );
});

test("refuses a layer that changes the shape of x, also where broadcasting would hide it", () => {
  const narrow = residual(sequential(linear(3, 1)));
  const params = () => narrow.init(new Random(1));
  const said = "residual expected its layer to keep the shape (5, 3) of x, got (5, 1)";
  expect(() => forward(narrow, params(), uniformTensor(1, [5, 3]))).toThrow(new GmnmError(said));
});
