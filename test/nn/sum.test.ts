import { expect, test } from "vitest";
import { linear, sum } from "../../src/nn/index.ts";
import { Random } from "../../src/random.ts";
import { tensor } from "../../src/tensor.ts";
import { forward } from "../forward.ts";
import { liveBuffers } from "../live-buffers.ts";

test("refuses layers whose results differ in shape, and keeps no array of them", () => {
  const layer = sum(linear(2, 1), linear(2, 3));
  const before = liveBuffers();
  const params = layer.init(new Random(1));
  expect(() => forward(layer, params, tensor([1, 2], [1, 2]))).toThrow(
    "the layers of sum must make results of one shape, got (1, 1) and (1, 3)",
  );
  expect(liveBuffers()).toBe(before);
  expect(() => sum()).toThrow("sum needs at least one layer");
});
