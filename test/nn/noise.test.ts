import { expect, test } from "vitest";
import { standardNormal } from "../../src/nn/noise.ts";
import { Random } from "../../src/random.ts";
import { sizeOf, tensor, toArray, toTensor } from "../../src/tensor.ts";

const uniform = (random: Random) => (shape: number[]) =>
  toArray(tensor(Float32Array.from({ length: sizeOf(shape) }, () => random.uniform()), shape)); // biome-ignore format: one line

test("uniform numbers become normal ones", () => {
  const { data, shape } = toTensor(standardNormal("test", { uniform: uniform(new Random(1)) }, [200, 100]));
  expect(shape).toEqual([200, 100]);
  const moment = (power: number) => data.reduce((sum, x) => sum + x ** power, 0) / data.length;
  // Within four standard errors of the moments of N(0, 1): 0, 1, 0, 3.
  expect(Math.abs(moment(1))).toBeLessThan(4 / Math.sqrt(20_000));
  expect(Math.abs(moment(2) - 1)).toBeLessThan(4 * Math.sqrt(2 / 20_000));
  expect(Math.abs(moment(3))).toBeLessThan(4 * Math.sqrt(15 / 20_000));
  expect(Math.abs(moment(4) - 3)).toBeLessThan(4 * Math.sqrt(96 / 20_000));
});

test("a uniform 0 is no infinity", () => {
  const zeros = (shape: number[]) => toArray(tensor(new Float32Array(sizeOf(shape)), shape));
  const { data } = toTensor(standardNormal("test", { uniform: zeros }, [1]));
  expect(data[0]).toBeCloseTo(Math.sqrt(-2 * Math.log(1e-6)), 3);
});

test("says who had no random numbers", () => {
  expect(() => standardNormal("vae", {}, [1])).toThrow("gmnm: vae needs a context with random numbers (uniform)");
});
