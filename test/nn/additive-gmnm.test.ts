import { describe, expect, test } from "vitest";
import { decodeModel, encodeModel } from "../../src/io/index.ts";
import { additiveGmnm, gmnm } from "../../src/nn/index.ts";
import { adam } from "../../src/optim/index.ts";
import { readParams } from "../../src/params.ts";
import { Random } from "../../src/random.ts";
import { type Tensor, tensor, toArray, toTensor } from "../../src/tensor.ts";
import { fit, predict } from "../../src/train/index.ts";
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

test.each([4, 300])(
  "%i features: values by plain loops, a training that goes down, and back from a file",
  async (d) => {
    const random = new Random(3);
    const layer = additiveGmnm(d, 2, { numComponents: 8 });
    const x = random.normal([24, d]);
    const params = readParams(layer.init(random, x)) as Record<string, Tensor>;
    const { centers, scales, weights, skip } = params;
    const y = await predict({ layer, params }, x);
    for (const [i, value] of y.data.entries()) {
      let expected = 0;
      for (let j = 0; j < d; j++) {
        const at = x.data[Math.floor(i / 2) * d + j];
        expected += at * skip.data[2 * j + (i % 2)];
        for (let k = 8 * j; k < 8 * j + 8; k++) {
          expected += weights.data[2 * k + (i % 2)] * Math.exp(-0.5 * (scales.data[k] * (at - centers.data[k])) ** 2);
        }
      }
      expect(value).toBeCloseTo(expected, 4);
    }
    const target = random.normal([24, 2]);
    const optimizer = adam({ learningRate: 0.001 });
    const { model, history } = await fit(layer, { x, y: target }, { optimizer, epochs: 5, progress: false });
    expect(history[4].loss).toBeLessThan(history[0].loss);
    expect(decodeModel(encodeModel(model)).params).toEqual(model.params);
  },
);
