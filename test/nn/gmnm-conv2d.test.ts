import { describe, expect, test } from "vitest";
import { GmnmError } from "../../src/errors.ts";
import { gaussianMixtureConv2d } from "../../src/nn/gmnm-conv2d.ts";
import { gmnm } from "../../src/nn/index.ts";
import { namedTensors, type ParamTensors, placeParams } from "../../src/params.ts";
import { Random } from "../../src/random.ts";
import { sizeOf, type Tensor, tensor } from "../../src/tensor.ts";
import { initialParams } from "../../src/train/fit.ts";
import { forward, maxDifference } from "../forward.ts";
import { expectGolden, fixture } from "../golden.ts";

describe("values and gradients agree with the golden ones", () => {
  test.each(fixture("gmnm-conv2d"))("$name", expectGolden);
});

const image = (shape: number[], seed = 1, scale = 1, shift = 0): Tensor => {
  const { data } = new Random(seed).normal(shape, scale);
  return tensor(
    data.map((value) => value + shift),
    shape,
  );
};
const of = (params: ParamTensors, path: string) => new Map(namedTensors(params)).get(path)!;

test("1 by 1 is a gmnm of every pixel", () => {
  const options = { numComponents: 4, rank: 2, centers: "projected" } as const;
  const convolution = gaussianMixtureConv2d(3, 2, { ...options, kernelSize: 1 });
  const params = initialParams(convolution, new Random(1));
  const x = image([2, 3, 4, 3]);
  const mixture = gmnm(3, 2, { ...options, covariance: "lowRank", skip: false });
  const [y, expected] = [convolution, mixture].map((layer) => forward(layer, placeParams(params), x));
  expect(maxDifference(y.data, expected.data)).toBeLessThan(1e-6);
});

/** Mean over components and positions of −2 log f, that is of y². */
function meanSquare(options: object, x: Tensor, sample?: Tensor): number {
  const [ins, m] = [x.shape[3], 64];
  const layer = gaussianMixtureConv2d(ins, m, { numComponents: m, bias: false, padding: "valid", ...options });
  const params = initialParams(layer, new Random(2), sample) as Record<string, Tensor>;
  const each = Float32Array.from({ length: m * m }, (_, i) => Number(i % (m + 1) === 0)); // π = I shows every f
  const { data } = forward(layer, placeParams({ ...params, weights: tensor(each, [m, m]) }), x);
  return data.reduce((sum, f) => sum - 2 * Math.log(f), 0) / data.length;
}

test.each([1, 4])("starts with E[y²] = 1 for standardised pixels, rank %d", (rank) => {
  expect(meanSquare({ rank }, image([8, 12, 12, 8]))).toBeCloseTo(1, 0);
});

test("starts with E[y²] = 1/width² for pixels of the sample's spread", () => {
  const x = image([8, 12, 12, 3], 1, 20);
  expect(Math.abs(meanSquare({ width: 2 }, x, x) * 4 - 1)).toBeLessThan(0.25);
});

test("has a kernel for every projection, an offset for each, and as many Gaussians as outputs unless told otherwise", () => {
  const count = (options: object) =>
    namedTensors(initialParams(gaussianMixtureConv2d(4, 8, options), new Random(1))).reduce(
      (sum, [, { shape }]) => sum + sizeOf(shape),
      0,
    );
  expect(count({})).toBe(9 * 4 * 8 + 8 + 8 * 8 + 8);
  expect(count({ rank: 2, numComponents: 5, skip: true })).toBe(9 * 4 * 2 * 5 + 2 * 5 + 5 * 8 + 8 + 4 * 8);
});

test("the linear path is that of the pixel under the middle of the kernel", () => {
  for (const kernelSize of [1, 2, 3, 4, 5]) {
    const layer = gaussianMixtureConv2d(1, 1, { kernelSize, skip: true, bias: false });
    const params = initialParams(layer, new Random(1)) as Record<string, Tensor>;
    const [weights, skip] = [tensor([0], [1, 1]), tensor([2], [1, 1])];
    const x = image([1, 6, 5, 1]);
    expect([...forward(layer, placeParams({ ...params, weights, skip }), x).data]).toEqual(
      [...x.data].map((v) => 2 * v),
    );
    expect([...of(initialParams(layer, new Random(1)), "skip").data], "starts at 0").toEqual([0]);
  }
});

test("refuses images that are smaller than the kernel, of a sample, too", () => {
  const layer = gaussianMixtureConv2d(1, 1, { padding: "valid" });
  const said = "gaussianMixtureConv2d needs images of at least 3 by 3, got (1, 2, 3, 1)";
  const params = placeParams(initialParams(layer, new Random(1)));
  expect(() => forward(layer, params, image([1, 2, 3, 1]))).toThrow(new GmnmError(said));
  expect(() => layer.init(new Random(1), image([1, 2, 3, 1]))).toThrow(new GmnmError(said));
});
