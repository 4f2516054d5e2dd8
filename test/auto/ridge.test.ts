import { expect, test } from "vitest";
import { ridge } from "../../src/auto/ridge.ts";
import { standardDeviations } from "../../src/nn/centers.ts";
import { Random } from "../../src/random.ts";
import { tensor, zeros } from "../../src/tensor.ts";
import { numbers } from "./tables.ts";

test("finds a linear map and its constant, for several outputs", () => {
  const x = new Random(1).normal([200, 3]);
  const y = tensor(
    Array.from({ length: 200 }, (_, i) => {
      const [a, b, c] = x.data.subarray(3 * i, 3 * i + 3);
      return [2 * a - b + 5, c - 1];
    }).flat(),
    [200, 2],
  );
  const { weights, bias } = ridge(x, y);
  const expected = [2, 0, -1, 0, 0, 1];
  for (const [i, value] of expected.entries()) expect(weights.data[i]).toBeCloseTo(value, 4);
  expect(bias.data[0]).toBeCloseTo(5, 4);
  expect(bias.data[1]).toBeCloseTo(-1, 4);
});

test("believes noise less than least squares would, and no penalty drowns what is there", () => {
  const size = (values: Iterable<number>) => Math.hypot(...values);
  const noise = numbers(60, 40, (_, random) => random.gaussian());
  expect(size(ridge(noise.x, noise.y).weights.data)).toBeLessThan(0.35);
  const wide = numbers(60, 80, ([a, b]) => a + b);
  const { weights } = ridge(wide.x, wide.y);
  expect(weights.data[0]).toBeGreaterThan((3 * size(weights.data.subarray(2))) / Math.sqrt(78));
});

test("columns that are constant, alike, or too many leave it finite", () => {
  const { x, y } = numbers(50, 2, ([a]) => a);
  const [spread] = standardDeviations(x);
  const twice = tensor(Array.from({ length: 50 }, (_, i) => [x.data[2 * i], x.data[2 * i], 0]).flat(), [50, 3]);
  const { weights } = ridge(twice, y);
  expect(weights.data[0] + weights.data[1]).toBeCloseTo(1 / spread, 2);
  expect([...ridge(zeros([5, 2]), tensor([1, 2, 3, 4, 5], [5, 1])).bias.data]).toEqual([3]);
  expect([...ridge(zeros([4, 1600]), tensor([1, 2, 3, 6], [4, 1])).bias.data]).toEqual([3]);
});
