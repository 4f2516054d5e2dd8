import { describe, expect, test } from "vitest";
import { GmnmError } from "../../src/errors.ts";
import { type GaussianAttentionOptions, gaussianAttention } from "../../src/nn/gaussian-attention.ts";
import { multiHeadAttention } from "../../src/nn/multi-head-attention.ts";
import { type ParamTensors, placeParams, readParams } from "../../src/params.ts";
import { Random } from "../../src/random.ts";
import { type Tensor, tensor, zeros } from "../../src/tensor.ts";
import { forward, maxDifference } from "../forward.ts";
import { expectGolden, fixture } from "../golden.ts";
import { relativeError } from "../gradients.ts";

describe("values and gradients agree with the golden ones", () => {
  test.each(fixture("gaussian-attention"))("$name", expectGolden);
});

const size = 3;
const tokens = new Random(2).normal([4, size]);
/** Columns of an identity side by side: queries, keys and values are the tokens themselves. */
const identities = (copies: number): Tensor =>
  tensor(
    Array.from({ length: size * copies * size }, (_, i) => Number(Math.floor(i / (copies * size)) === i % size)),
    [size, copies * size],
  );
const plain = (logPrecisions: number[], logWeights: number[]): ParamTensors => ({
  inputWeights: identities(3),
  inputBias: zeros([3 * size]),
  outputWeights: identities(1),
  outputBias: zeros([size]),
  logPrecisions: tensor(logPrecisions, [1, logPrecisions.length]),
  ...(logPrecisions.length > 1 && { logWeights: tensor(logWeights, [1, logWeights.length]) }),
});
const attend = (options: GaussianAttentionOptions, params: ParamTensors, rows: Tensor): Float32Array =>
  forward(
    gaussianAttention(size, { numHeads: 1, normalize: false, ...options }),
    placeParams(params),
    tensor(rows.data, [1, ...rows.shape]),
  ).data;

/** Σ_j w_ij x_j with w_ij ∝ Σ_s π_s exp(−½ s² ‖x_i − x_j‖²), as it is written. */
function expected(logPrecisions: number[], logWeights: number[], sees = (_i: number, _j: number) => true): number[] {
  const rows = Array.from({ length: 4 }, (_, i) => [...tokens.data.slice(size * i, size * i + size)]);
  return rows.flatMap((q, i) => {
    const weights = rows.map((k, j) => {
      const squared = q.reduce((sum, value, c) => sum + (value - k[c]) ** 2, 0);
      const kernels = logPrecisions.map((l, s) => Math.exp(logWeights[s] - 0.5 * Math.exp(l) * squared));
      return sees(i, j) ? kernels.reduce((a, b) => a + b) : 0;
    });
    const total = weights.reduce((a, b) => a + b);
    return q.map((_, c) => rows.reduce((sum, row, j) => sum + (weights[j] / total) * row[c], 0));
  });
}

test.each([
  ["one kernel", [0.3], [0]],
  ["three kernels", [-1, 0.3, 2], [0.5, -0.4, 1.2]],
])("shares are those of the formula, with %s", (_, precisions, weights) => {
  const params = plain(precisions, weights);
  const options = { numKernels: precisions.length };
  expect(relativeError(attend(options, params, tokens), expected(precisions, weights))).toBeLessThan(1e-5);
  const past = attend({ ...options, causal: true }, params, tokens);
  expect(
    relativeError(
      past,
      expected(precisions, weights, (i, j) => j <= i),
    ),
  ).toBeLessThan(1e-5);
});

test("the widths decide where the nearest key is far away: nothing underflows", () => {
  for (const normalize of [false, true]) {
    const far = tensor(
      tokens.data.map((value) => value * 1e4),
      tokens.shape,
    );
    const y = attend({ numKernels: 2, normalize }, plain([-1, 2], [0, 0]), far);
    expect([...y].every(Number.isFinite)).toBe(true);
  }
  // Kernels as narrow as these see each token from itself only; a formula without its logarithm divides 0 by 0 for a query on its own.
  const alone = attend({ numKernels: 2 }, plain([9, 12], [0, 0]), tokens);
  expect(maxDifference(alone, tokens.data)).toBeLessThan(1e-5);
});

test("a query far from all keys still takes the nearest", () => {
  const [q, k] = [100, 1];
  const shift = { ...plain([0, 1], [0, 0]), inputBias: tensor([q, 0, 0, k, 0, 0, 0, 0, 0], [9]) };
  const y = attend({ numKernels: 2 }, shift, tokens);
  const nearest = Array.from({ length: 4 }, (_, i) => tokens.data[size * i]).indexOf(
    Math.max(...Array.from({ length: 4 }, (_, i) => tokens.data[size * i])),
  );
  for (let i = 0; i < 4; i++) {
    expect(
      maxDifference(y.slice(size * i, size * i + size), tokens.data.slice(size * nearest, size * nearest + size)),
    ).toBeLessThan(1e-3);
  }
});

test("one kernel on keys of equal length starts as softmax attention", () => {
  // Directions of length √headSize, which normalisation keeps.
  const circle = tensor(
    [0, 1, 2, 4].flatMap((a) => [Math.SQRT2 * Math.cos(a), Math.SQRT2 * Math.sin(a)]),
    [1, 4, 2],
  );
  const wide = (copies: number) =>
    tensor(
      Array.from({ length: 4 * copies }, (_, i) => Number(Math.floor(i / (2 * copies)) === i % 2)),
      [2, 2 * copies],
    );
  const heads = {
    inputWeights: wide(3),
    inputBias: zeros([6]),
    outputWeights: wide(1),
    outputBias: zeros([2]),
  };
  const layer = gaussianAttention(2, { numHeads: 1, numKernels: 1, normalize: true });
  const start = readParams(layer.init(new Random(1))) as Record<string, Tensor>;
  const y = forward(layer, placeParams({ ...start, ...heads }), circle);
  const softmax = forward(multiHeadAttention(2, { numHeads: 1 }), placeParams(heads), circle);
  expect(relativeError(y.data, softmax.data)).toBeLessThan(1e-5);
});

test("starting widths lie in equal ratios around that of softmax, with the given spread", () => {
  const start = (options: GaussianAttentionOptions) =>
    (readParams(gaussianAttention(8, { numHeads: 2, ...options }).init(new Random(1))) as Record<string, Tensor>)
      .logPrecisions;
  const width = (logPrecision: number) => Math.exp(-0.5 * logPrecision);
  const { data, shape } = start({ numKernels: 3, spread: 4, width: 5 });
  expect(shape).toEqual([2, 3]);
  expect([...data.slice(0, 3)].map(width).map((w) => w / (5 * 4 ** 0.25))).toEqual(
    [2, 1, 0.5].map((ratio) => expect.closeTo(ratio, 5)),
  );
  expect([...start({ numKernels: 1 }).data].map(width)).toEqual(
    [4 ** 0.25, 4 ** 0.25].map((w) => expect.closeTo(w, 5)),
  );
});

test("at the start all kernels weigh the same at the distance that queries and keys have", () => {
  const layer = gaussianAttention(8, { numHeads: 2, numKernels: 3, spread: 3 });
  const { logPrecisions, logWeights } = readParams(layer.init(new Random(1))) as Record<string, Tensor>;
  const kernels = logWeights.data.map((weight, i) => weight - 0.5 * Math.exp(logPrecisions.data[i]) * 2 * 4);
  for (const kernel of kernels) expect(kernel).toBeCloseTo(0, 5);
});

test("refuses heads that do not divide the features", () => {
  const said = "numHeads of gaussianAttention must divide features (6), got 4";
  expect(() => gaussianAttention(6)).toThrow(new GmnmError(said));
});
