import type { numpy as np } from "@jax-js/jax";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compileFunction } from "../../src/compile/compile.ts";
import { liveValues } from "../../src/compile/graph.ts";
import { buildGraph } from "../../src/compile/program.ts";
import { type GmnmOptions, type GmnmParams, gmnm } from "../../src/nn/gmnm.ts";
import { placeParams, readParams } from "../../src/params.ts";
import { Random } from "../../src/random.ts";
import { type Tensor, tensor } from "../../src/tensor.ts";
import { forward, maxDifference, uniformTensor } from "../forward.ts";
import { expectGolden, fixture } from "../golden.ts";
import { relativeError } from "../gradients.ts";

describe("values and gradients agree with the golden ones", () => {
  test.each(fixture("gmnm"))("$name", expectGolden);
});

const seeds = fc.integer({ min: 0, max: 2 ** 31 - 1 });
const dimensions = fc.record({ seed: seeds, d: fc.integer({ min: 1, max: 4 }), r: fc.integer({ min: 1, max: 4 }) });

/** Values of a gmnm of m = 3 components and 2 outputs with the given tensors. */
function mixture(d: number, options: GmnmOptions, params: Record<string, Tensor>, x: Tensor): Tensor {
  const layer = gmnm(d, 2, { numComponents: 3, covariance: "lowRank", bias: false, skip: false, ...options });
  return forward(layer, placeParams(params), x);
}

/** (d, r, m) and (m, d) → P_k μ_k (r, m). */
const projected = ({ data: p, shape: [d, r, m] }: Tensor, { data: mu }: Tensor): Tensor =>
  tensor(
    Array.from({ length: r * m }, (_, i) => {
      const [j, k] = [Math.floor(i / m), i % m];
      return Array.from({ length: d }, (_, f) => p[(f * r + j) * m + k] * mu[k * d + f]).reduce((a, b) => a + b, 0);
    }),
    [r, m],
  );

/** (a, r, m) → (a, 1, m): the sum over the rank axis. */
const merged = ({ data, shape: [a, r, m] }: Tensor): Tensor =>
  tensor(
    Array.from({ length: a * m }, (_, i) =>
      Array.from({ length: r }, (_, j) => data[(Math.floor(i / m) * r + j) * m + (i % m)]).reduce((p, q) => p + q, 0),
    ),
    [a, 1, m],
  );

test('"sum" is unchanged when projections are merged into their sum, "norm" is not', () => {
  fc.assert(
    fc.property(dimensions, ({ seed, d, r }) => {
      const random = new Random(seed);
      const projections = random.normal([d, r, 3], 0.7);
      const rest = { weights: random.normal([3, 2]), centers: random.normal([3, d]) };
      const x = random.normal([4, d]);
      const values = (aggregate: "sum" | "norm", p: Tensor) =>
        mixture(d, { aggregate, rank: p.shape[1] }, { ...rest, projections: p }, x).data;
      expect(maxDifference(values("sum", projections), values("sum", merged(projections)))).toBeLessThan(1e-5);
      if (r > 1)
        expect(maxDifference(values("norm", projections), values("norm", merged(projections)))).toBeGreaterThan(1e-5);
    }),
    { numRuns: 20 },
  );
});

test("projected centres give the function of explicit ones", () => {
  fc.assert(
    fc.property(dimensions, ({ seed, d, r }) => {
      const random = new Random(seed);
      const projections = random.normal([d, r, 3], 0.7);
      const [centers, weights, x] = [random.normal([3, d]), random.normal([3, 2]), random.normal([4, d])];
      const explicit = mixture(d, { rank: r }, { projections, weights, centers }, x);
      const offsets = projected(projections, centers);
      const other = mixture(d, { rank: r, centers: "projected" }, { projections, weights, offsets }, x);
      expect(maxDifference(explicit.data, other.data)).toBeLessThan(1e-5);
    }),
    { numRuns: 20 },
  );
});

// μ = 0, P = I/σ with one extra row of zeros: rank 4 in 3 dimensions.
const identity = (sigma: number) =>
  tensor(
    Array.from({ length: 36 }, (_, i) => (Math.floor(i / 12) === Math.floor(i / 3) % 4 ? 1 / sigma : 0)),
    [3, 4, 3],
  );
const bump = {
  projections: identity(0.8),
  centers: tensor(new Float32Array(9), [3, 3]),
  weights: tensor([1, 2, 0, 0, 0, 0], [3, 2]),
};

test('"norm" of rank r ≥ d is an isotropic bump for P = I/σ', () => {
  const x = uniformTensor(2, [50, 3], -2, 2);
  const { data } = mixture(3, { rank: 4 }, bump, x);
  const expected = Array.from({ length: 100 }, (_, i) => {
    const row = x.data.subarray(3 * Math.floor(i / 2), 3 * Math.floor(i / 2) + 3);
    return ((i % 2) + 1) * Math.exp((-0.5 * row.reduce((sum, value) => sum + value * value, 0)) / 0.64);
  });
  expect(relativeError(data, expected)).toBeLessThan(1e-6);
});

test('"sum" is a ridge: constant along every direction its projection does not see', () => {
  const along = tensor([0, 0, 0, 1, -1, 0, 3, 4, -7], [3, 3]); // each row sums to 0, and P = I/σ sums the features
  expect([...mixture(3, { rank: 4, aggregate: "sum" }, bump, along).data]).toEqual([1, 2, 1, 2, 1, 2]);
  expect(mixture(3, { rank: 4, aggregate: "norm" }, bump, along).data[4]).toBeLessThan(1e-6);
});

test("a partition of unity stays finite far away and between the smallest and the largest weight", () => {
  fc.assert(
    fc.property(seeds, fc.double({ min: 0, max: 9, noNaN: true }), (seed, exponent) => {
      const random = new Random(seed);
      const [projections, centers, weights] = [random.normal([2, 2, 3]), random.normal([3, 2]), random.normal([3, 2])];
      const x = random.normal([5, 2], 10 ** exponent);
      const y = mixture(2, { partitionOfUnity: true }, { projections, centers, weights }, x);
      for (let i = 0; i < y.data.length; i++) {
        const own = [0, 1, 2].map((k) => weights.data[2 * k + (i % 2)]);
        expect(y.data[i]).toBeGreaterThanOrEqual(Math.min(...own) - 1e-6);
        expect(y.data[i]).toBeLessThanOrEqual(Math.max(...own) + 1e-6);
      }
    }),
    { numRuns: 50 },
  );
});

test("the centre of a component far from all others has its weight for a value", () => {
  const layer = gmnm(2, 1, { numComponents: 2, covariance: "isotropic" });
  const params = {
    projections: tensor([1, 1], [2]),
    centers: tensor([0, 0, 50, 50], [2, 2]),
    weights: tensor([3, -4], [2, 1]),
    bias: tensor([10], [1]),
  };
  expect([...forward(layer, placeParams(params), tensor([0, 0, 50, 50, 25, 25], [3, 2])).data]).toEqual([13, 6, 10]);
});

test("up to four features are taken for coordinates, more for features", () => {
  expect(gmnm(4, 1).config).toMatchObject({ covariance: "full", skip: false });
  expect(gmnm(5, 1).config).toMatchObject({ covariance: "lowRank", rank: 2, skip: true });
});

test.each<[GmnmOptions & { d: number }, products: number]>([
  [{ d: 2 }, 2],
  [{ d: 3, covariance: "diagonal" }, 3],
  [{ d: 6, covariance: "lowRank", rank: 4 }, 4],
  [{ d: 6, covariance: "lowRank", rank: 17 }, 1], // too many to pay
  [{ d: 6, covariance: "lowRank", rank: 4, aggregate: "sum" }, 1], // the sum of projections is one
])("%j: the compiler gets %i products of projections, of the same value", async ({ d, ...options }, products) => {
  const layer = gmnm(d, 2, { numComponents: 5, skip: false, ...options });
  const x = uniformTensor(3, [7, d]);
  const params = readParams(layer.init(new Random(4), x));
  const apply = (params: GmnmParams, x: np.Array) => layer.apply(params, x);
  const { outputs } = buildGraph(apply as never, [params, x]);
  const made = liveValues(outputs).filter(({ op, shape }) => op === "Gemm" && shape[1] % 5 === 0);
  expect(made).toHaveLength(products);
  const compiled = await compileFunction(apply as never, { executor: "native" });
  const found = (await compiled(params, x)) as Tensor;
  expect(maxDifference(found.data, forward(layer, placeParams(params), x).data)).toBeLessThan(1e-6);
  compiled.dispose();
});
