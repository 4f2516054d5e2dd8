import { expect, test } from "vitest";
import { GmnmError } from "../../src/errors.ts";
import { patchTransformer, transformerBlock } from "../../src/models/index.ts";
import { gaussianAttention, gmnm, linear, multiHeadAttention } from "../../src/nn/index.ts";
import { countParameters, placeParams, readParams } from "../../src/params.ts";
import { Random } from "../../src/random.ts";
import { type Tensor, tensor } from "../../src/tensor.ts";
import { forward, maxDifference } from "../forward.ts";

test("maps images and series to outputs, with any attention and feed-forward layer", () => {
  const options = {
    patchSize: 2,
    width: 8,
    attention: (features: number) => gaussianAttention(features, { numHeads: 2 }),
    feedForward: (features: number) => gmnm(features, features, { numComponents: 4 }),
  };
  for (const given of [{ patchSize: 2, width: 8 }, options]) {
    const images = patchTransformer([6, 4, 3], 5, given);
    expect(forward(images, images.init(new Random(1)), new Random(2).normal([2, 6, 4, 3])).shape).toEqual([2, 5]);
    const series = patchTransformer([6, 3], 5, given);
    expect(forward(series, series.init(new Random(1)), new Random(2).normal([2, 6, 3])).shape).toEqual([2, 5]);
  }
});

test("the classifier of the experiment has 42 thousand parameters", () => {
  expect(countParameters(readParams(patchTransformer([28, 28, 1], 10).init(new Random(1))))).toBe(41674);
});

test("knows where a patch stands", () => {
  const layer = patchTransformer([4, 4, 1], 3, { patchSize: 2, width: 8 });
  const params = readParams(layer.init(new Random(1)));
  const corner = (at: number) =>
    tensor(
      Array.from({ length: 16 }, (_, i) => (i === at ? 3 : 0)),
      [1, 4, 4, 1],
    );
  const [upper, lower] = [0, 10].map((at) => forward(layer, placeParams(params), corner(at)).data);
  expect(maxDifference(upper, lower)).toBeGreaterThan(1e-3);
});

test("a block leaves its input as it is where its parts say nothing", () => {
  const block = transformerBlock(4, { attention: multiHeadAttention(4), feedForward: linear(4, 4) });
  const params = readParams(block.init(new Random(1))) as { [i: number]: Tensor }[][];
  const silence = (part: { [key: string]: Tensor }) => {
    for (const key of Object.keys(part)) part[key].data.fill(0);
  };
  for (const part of params) silence(part[1] as never);
  const x = new Random(2).normal([2, 3, 4]);
  expect(forward(block, placeParams(params as never), x)).toEqual(x);
});

test("refuses patches that do not fill the image", () => {
  const said = "patchSize of patchTransformer must divide the sides 28 and 28, got 5";
  expect(() => patchTransformer([28, 28, 1], 10, { patchSize: 5 })).toThrow(new GmnmError(said));
});
