import { describe, expect, test } from "vitest";
import { decomposition, gmnm, kan, linear, overTime } from "../../src/nn/index.ts";
import { namedTensors, placeParams, readParams } from "../../src/params.ts";
import { Random } from "../../src/random.ts";
import { tensor } from "../../src/tensor.ts";
import { forward, maxDifference } from "../forward.ts";
import { expectGolden, fixture } from "../golden.ts";

describe("values and gradients agree with the golden ones", () => {
  test.each(fixture("decomposition"))("$name", expectGolden);
});

const identity = (size: number) => ({
  weights: tensor(
    Array.from({ length: size * size }, (_, i) => Number(i % (size + 1) === 0)),
    [size, size],
  ),
});
const plain = (size: number) => overTime(linear(size, size, { bias: false }));

test("trend and remainder add up to the series", () => {
  const x = new Random(1).normal([2, 40, 3]);
  const params = placeParams({ trend: identity(40), remainder: identity(40) });
  expect(maxDifference(forward(decomposition(plain(40), plain(40)), params, x).data, x.data)).toBeLessThan(1e-5);
});

test("a constant series is all trend", () => {
  const x = tensor(new Float32Array(30).fill(5), [1, 30, 1]);
  const nothing = { weights: tensor(new Float32Array(900), [30, 30]) };
  const params = placeParams({ trend: nothing, remainder: identity(30) });
  expect(Math.max(...forward(decomposition(plain(30), plain(30)), params, x).data.map(Math.abs))).toBeLessThan(1e-5);
});

test("each part starts from, and adapts to, its part of the sample", () => {
  // A level of 100 with a small wave: only the trend is near 100.
  const sample = tensor(
    Array.from({ length: 600 }, (_, i) => 100 + (i % 2)),
    [20, 30, 1],
  );
  const mixture = () => overTime(gmnm(30, 2, { numComponents: 4 }));
  const params = new Map(namedTensors(readParams(decomposition(mixture(), mixture()).init(new Random(1), sample))));
  expect(Math.min(...params.get("trend.centers")!.data)).toBeGreaterThan(99);
  expect(Math.max(...params.get("remainder.centers")!.data.map(Math.abs))).toBeLessThan(2);
  const splines = decomposition(overTime(kan(30, 2, { gridSize: 3 })), plain(30));
  const start = readParams(splines.init(new Random(1)));
  const adapted = new Map(namedTensors(readParams(splines.adapt!(placeParams(start) as never, sample))));
  expect(Math.min(...adapted.get("trend.buffers.grid")!.data)).toBeGreaterThan(90);
});
