import { describe, expect, test } from "vitest";
import { additiveGmnm, gmnm } from "../../src/nn/index.ts";
import { Random } from "../../src/random.ts";
import { tensor, toArray, toTensor } from "../../src/tensor.ts";
import { expectGolden, fixture } from "../golden.ts";

describe("values and gradients agree with the golden ones", () => {
  test.each(fixture("additive-gmnm"))("$name", expectGolden);
});

test("it is the mixture whose projections have one entry each", () => {
  const [d, m, o] = [3, 4, 2];
  const random = new Random(7);
  const params = additiveGmnm(d, o, { numComponents: m }).init(random, random.normal([20, d]));
  const { centers, scales, weights, skip, bias } = Object.fromEntries(
    Object.entries(params).map(([name, value]) => [name, toTensor(value.ref)]),
  );
  const feature = (k: number) => Math.floor(k / m);
  const projections = tensor(
    Array.from({ length: d * d * m }, (_, i) =>
      feature(i % (d * m)) === Math.floor(i / (d * m)) ? scales.data[i % (d * m)] : 0,
    ),
    [d, 1, d * m],
  );
  const middles = Array.from({ length: d * m * d }, (_, i) =>
    feature(Math.floor(i / d)) === i % d ? centers.data[Math.floor(i / d)] : 0,
  );
  const mixture = gmnm(d, o, { numComponents: d * m, covariance: "lowRank", rank: 1, skip: true });
  const x = random.normal([9, d]);
  const additive = toTensor(additiveGmnm(d, o, { numComponents: m }).apply(params, toArray(x)));
  const expected = toTensor(
    mixture.apply(
      {
        projections: toArray(projections),
        centers: toArray(tensor(middles, [d * m, d])),
        weights: toArray(weights),
        skip: toArray(skip),
        bias: toArray(bias),
      },
      toArray(x),
    ),
  );
  for (const [i, value] of expected.data.entries()) expect(additive.data[i]).toBeCloseTo(value, 5);
});

describe("the start", () => {
  const layer = additiveGmnm(2, 1, { numComponents: 3, width: 0.5 });

  test("spaces Gaussians evenly over the box of each feature", () => {
    const { centers, scales } = layer.init(new Random(0), tensor([0, 10, 4, 30, 1, 20], [3, 2]));
    expect([...toTensor(centers).data]).toEqual([0, 2, 4, 10, 20, 30]);
    for (const [i, scale] of [1, 1, 1, 0.2, 0.2, 0.2].entries())
      expect(toTensor(scales.ref).data[i]).toBeCloseTo(scale);
  });

  test("takes [−1, 1] without a sample, and the domain where one is given", () => {
    expect([...toTensor(layer.init(new Random(0)).centers).data]).toEqual([-1, 0, 1, -1, 0, 1]);
    const domain: [number, number][] = [
      [0, 2],
      [2, 6],
    ];
    const within = additiveGmnm(2, 1, { numComponents: 3, domain }).init(new Random(0), tensor([9, 9], [1, 2]));
    expect([...toTensor(within.centers).data]).toEqual([0, 1, 2, 2, 4, 6]);
  });

  test("gives a constant feature Gaussians of finite width", () => {
    const { scales } = layer.init(new Random(0), tensor([5, 1, 5, 2], [2, 2]));
    for (const scale of toTensor(scales).data) expect(scale).toBeGreaterThan(0);
    expect([...toTensor(layer.init(new Random(0), tensor([5, 1, 5, 2], [2, 2])).centers).data]).toEqual([
      4.5, 5, 5.5, 1, 1.5, 2,
    ]);
  });

  test("refuses a domain of another length", () => {
    expect(() => additiveGmnm(2, 1, { domain: [[0, 1]] })).toThrow(
      "domain of additiveGmnm must have 2 intervals, got 1",
    );
  });
});
