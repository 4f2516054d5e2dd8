import { expect, test } from "vitest";
import { GmnmError } from "../../src/errors.ts";
import { attentionMap } from "../../src/nn/attention-map.ts";
import { gaussianAttention, linear, multiHeadAttention } from "../../src/nn/index.ts";
import { placeParams, readParams } from "../../src/params.ts";
import { Random } from "../../src/random.ts";
import { type Tensor, tensor, zeros } from "../../src/tensor.ts";
import { forward, maxDifference } from "../forward.ts";
import { liveBuffers } from "../live-buffers.ts";

const tokens = new Random(2).normal([2, 5, 4]);

test.each([
  ["softmax", multiHeadAttention(4, { numHeads: 1 })],
  ["Gaussian", gaussianAttention(4, { numHeads: 1 })],
  ["causal Gaussian", gaussianAttention(4, { numHeads: 1, causal: true, numKernels: 1 })],
])("%s shares are those by which the layer mixes its values", (_, layer) => {
  const identity = tensor([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1], [4, 4]);
  const params = readParams(layer.init(new Random(1))) as Record<string, Tensor>;
  // Values are the tokens themselves, and come out as they are mixed.
  params.inputWeights.data.forEach((_, i, weights) => {
    if (i % 12 >= 8) weights[i] = Number(Math.floor(i / 12) === (i % 12) - 8);
  });
  Object.assign(params, { outputWeights: identity, outputBias: zeros([4]) });
  const before = liveBuffers();
  const shares = attentionMap(layer.config, params, tokens);
  expect(liveBuffers()).toBe(before);
  expect(shares.shape).toEqual([2, 1, 5, 5]);
  const mixed = Float32Array.from({ length: 40 }, (_, at) => {
    const [b, i, c] = [Math.floor(at / 20), Math.floor(at / 4) % 5, at % 4];
    return [0, 1, 2, 3, 4].reduce(
      (sum, j) => sum + shares.data[b * 25 + i * 5 + j] * tokens.data[b * 20 + j * 4 + c],
      0,
    );
  });
  expect(maxDifference(forward(layer, placeParams(params), tokens).data, mixed)).toBeLessThan(1e-5);
});

test("refuses layers without attention", () => {
  const layer = linear(4, 4);
  const said = "a layer of type linear has no attention to show; multiHeadAttention and gaussianAttention have";
  expect(() => attentionMap(layer.config, readParams(layer.init(new Random(1))), tokens)).toThrow(new GmnmError(said));
});
