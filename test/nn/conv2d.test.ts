import { describe, expect, test } from "vitest";
import { GmnmError } from "../../src/errors.ts";
import { conv2d } from "../../src/nn/conv2d.ts";
import { placeParams } from "../../src/params.ts";
import { Random } from "../../src/random.ts";
import { tensor, toTensor } from "../../src/tensor.ts";
import { forward } from "../forward.ts";
import { expectGolden, fixture } from "../golden.ts";

describe("values and gradients agree with the golden ones", () => {
  test.each(fixture("conv2d"))("$name", expectGolden);
});

const blur = { weights: tensor(new Array(9).fill(1), [9, 1]) };

test('"same" adds zeros around the image', () => {
  const ones = tensor(new Array(9).fill(1), [1, 3, 3, 1]);
  const { data, shape } = forward(conv2d(1, 1, { bias: false }), placeParams(blur), ones);
  expect(shape).toEqual([1, 3, 3, 1]);
  expect([...data]).toEqual([4, 6, 4, 6, 9, 6, 4, 6, 4]);
});

test("weights start with standard deviation gain over the root of what is under the kernel", () => {
  const { weights, bias } = conv2d(20, 60, { groups: 2, gain: 2 }).init(new Random(1));
  const { data, shape } = toTensor(weights);
  expect(shape).toEqual([90, 60]);
  expect(Math.sqrt(data.reduce((sum, value) => sum + value * value, 0) / data.length)).toBeCloseTo(
    2 / Math.sqrt(90),
    2,
  );
  expect(toTensor(bias!).data.every((value) => value === 0)).toBe(true);
});

test("refuses groups that do not divide the channels", () => {
  const said = "groups of conv2d must divide inChannels and outChannels, got 2 for inChannels 4 and outChannels 3";
  expect(() => conv2d(4, 3, { groups: 2 })).toThrow(new GmnmError(said));
  expect(() => conv2d(3, 4, { groups: 2 })).toThrow(GmnmError);
});

test("refuses a padding it does not know", () => {
  const said = 'padding of conv2d must be "same", "valid" or a whole number of at least 0, got "full"';
  expect(() => conv2d(1, 1, { padding: "full" as never })).toThrow(new GmnmError(said));
});

test("refuses images that are smaller than the kernel", () => {
  const image = tensor([1, 2, 3, 4, 5, 6], [1, 2, 3, 1]);
  const says = (padding: "valid" | number, dilation: number, least: number) => {
    const layer = conv2d(1, 1, { padding, dilation, bias: false });
    const said = `conv2d needs images of at least ${least} by ${least}, got (1, 2, 3, 1)`;
    expect(() => forward(layer, placeParams(blur), image)).toThrow(new GmnmError(said));
  };
  says("valid", 1, 3);
  says(1, 3, 5);
});
