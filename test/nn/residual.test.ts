import { expect, test } from "vitest";
import { GmnmError } from "../../src/errors.ts";
import { activation, conv2d, fromConfig, kan, linear, residual } from "../../src/nn/index.ts";
import { placeParams } from "../../src/params.ts";
import { Random } from "../../src/random.ts";
import { tensor, zeros } from "../../src/tensor.ts";
import { initialParams } from "../../src/train/fit.ts";
import { forward } from "../forward.ts";

test("adds what the layer makes of x to x", () => {
  const { data } = forward(residual(activation("relu")), {}, tensor([-1, 2], [1, 2]));
  expect([...data]).toEqual([-1, 4]);
});

test("refuses a layer that changes the shape", () => {
  const layer = residual(conv2d(1, 1, { strides: 2 }));
  const params = placeParams(initialParams(layer, new Random(1)));
  const said = "residual needs a layer that keeps the shape (1, 4, 4, 1), got (1, 2, 2, 1)";
  expect(() => forward(layer, params, zeros([1, 4, 4, 1]))).toThrow(new GmnmError(said));
});

test("adapts if its layer does", () => {
  expect(residual(linear(2, 2)).adapt).toBeUndefined();
  expect(residual(kan(2, 2)).adapt).toBeDefined();
});

test("refuses what is no layer, in code and in a file", () => {
  expect(() => residual(undefined as never)).toThrow(new GmnmError("layer of residual must be a layer, got undefined"));
  expect(() => fromConfig({ type: "residual", layer: 3 })).toThrow(
    new GmnmError("layer of residual must be a layer, got number"),
  );
});
