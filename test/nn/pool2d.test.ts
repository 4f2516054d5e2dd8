import { describe, expect, test } from "vitest";
import { GmnmError } from "../../src/errors.ts";
import { avgPool2d, maxPool2d } from "../../src/nn/pool2d.ts";
import { tensor } from "../../src/tensor.ts";
import { forward } from "../forward.ts";
import { expectGolden, fixture } from "../golden.ts";

describe("values and gradients agree with the golden ones", () => {
  test.each(fixture("pool2d"))("$name", expectGolden);
});

test("takes the largest number, or the mean, of each window and leaves out what fills none", () => {
  const image = tensor([1, 2, 9, 4, -5, 9, 7, 7, 7], [1, 3, 3, 1]);
  expect(forward(maxPool2d(), {}, image)).toEqual(tensor([4], [1, 1, 1, 1]));
  expect(forward(avgPool2d(), {}, image)).toEqual(tensor([0.5], [1, 1, 1, 1]));
  expect([...forward(maxPool2d({ strides: 1 }), {}, image).data]).toEqual([4, 9, 7, 9]);
});

test("strides are the size unless they are given", () => {
  expect(maxPool2d({ size: 3 }).config).toEqual({ type: "maxPool2d", size: 3, strides: 3 });
});

test.each([maxPool2d, avgPool2d])("refuses images that are smaller than a window", (pool) => {
  const layer = pool({ size: 3 });
  const said = `${layer.config.type} needs images of at least 3 by 3, got (1, 2, 3, 1)`;
  expect(() => forward(layer, {}, tensor([1, 2, 3, 4, 5, 6], [1, 2, 3, 1]))).toThrow(new GmnmError(said));
});
