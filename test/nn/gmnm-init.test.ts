import { describe, expect, test } from "vitest";
import { GmnmError } from "../../src/errors.ts";
import { type GmnmOptions, gmnm } from "../../src/nn/gmnm.ts";
import { namedTensors, readParams } from "../../src/params.ts";
import { Random } from "../../src/random.ts";
import { type Tensor, tensor } from "../../src/tensor.ts";
import { forward, maxDifference, uniformTensor } from "../forward.ts";

/** Initial tensors by name. */
const start = (d: number, options: GmnmOptions, sample?: Tensor, seed = 5) =>
  new Map(namedTensors(readParams(gmnm(d, 1, options).init(new Random(seed), sample))));

const normalRows = (d: number, rows = 400) => new Random(9).normal([rows, d]);

describe("spaced", () => {
  test("centres lie in the domain, widened by a quarter of the spacing", () => {
    const { data } = start(2, {
      numComponents: 64,
      domain: [
        [0, 8],
        [-1, 1],
      ],
    }).get("centers")!;
    const [first, second] = [data.filter((_, i) => i % 2 === 0), data.filter((_, i) => i % 2 === 1)];
    const margin = 0.25 / 8;
    expect(Math.min(...first)).toBeGreaterThanOrEqual(-8 * margin);
    expect(Math.max(...first)).toBeLessThanOrEqual(8 + 8 * margin);
    expect(Math.min(...second)).toBeGreaterThanOrEqual(-1 - 2 * margin);
    expect(Math.max(...second)).toBeLessThanOrEqual(1 + 2 * margin);
    expect(Math.max(...first) - Math.min(...first)).toBeGreaterThan(7);
  });

  test("widths are the given number of mean spacings along each feature", () => {
    const domain: [number, number][] = [
      [0, 8],
      [-1, 1],
    ];
    const full = start(2, { numComponents: 16, width: 2, domain }).get("projections")!;
    expect(full.shape).toEqual([2, 2, 16]);
    for (const [i, value] of full.data.entries()) {
      const [j, r] = [Math.floor(i / 32), Math.floor(i / 16) % 2];
      expect(value).toBeCloseTo(j !== r ? 0 : j === 0 ? 1 / 4 : 1, 6); // spacing 1/4 of the sides 8 and 2, times 2
    }
    const isotropic = start(2, { numComponents: 16, width: 2, domain, covariance: "isotropic" }).get("projections")!;
    expect([...isotropic.data]).toEqual(new Array(16).fill(0.5)); // 1 / √(4 · 1)
  });

  test("the sample's box stands in for a missing domain", () => {
    const sample = tensor([10, -1, 20, 1, 15, 0], [3, 2]);
    const fromSample = start(2, { numComponents: 8 }, sample);
    const domain: [number, number][] = [
      [10, 20],
      [-1, 1],
    ];
    expect(fromSample).toEqual(start(2, { numComponents: 8, domain }));
  });
});

test.each(["sampled", "kMeans"] as const)("%s centres come from the rows, in any number of features", (initializer) => {
  const sample = normalRows(20);
  const centers = start(20, { initializer, numComponents: 8 }, sample).get("centers")!;
  expect(centers.shape).toEqual([8, 20]);
  const rows = new Set(Array.from({ length: 400 }, (_, i) => sample.data.slice(20 * i, 20 * i + 20).join()));
  const taken = Array.from({ length: 8 }, (_, k) => rows.has(centers.data.slice(20 * k, 20 * k + 20).join()));
  expect(taken.every(Boolean)).toBe(initializer === "sampled");
});

test("with k-means, components are as wide as the given share of the distance to the nearest other centre", () => {
  // Rows at four places, 1 or more apart in units of the standard deviation, which is 2 for x and 20 for y.
  const sample = tensor([0, 0, 4, 0, 0, 40, 4, 40], [4, 2]);
  const { data } = start(2, { initializer: "kMeans", numComponents: 4, width: 0.5 }, sample).get("projections")!;
  for (const [i, value] of data.entries()) {
    const [j, r] = [Math.floor(i / 8), Math.floor(i / 4) % 2];
    expect(value).toBeCloseTo(j !== r ? 0 : j === 0 ? 1 / 2 : 1 / 20, 6); // 0.5 · 2 · σ_j
  }
});

// 400 rows and 100 components: the mean of y² is known to a few per cent.
describe.each(["full", "lowRank", "diagonal", "isotropic"] as const)("%s covariance in 60 features", (covariance) => {
  test.each([1, 0.5])("two rows are y² = 1/width² apart on average, so no Gaussian underflows: width %d", (width) => {
    const options: GmnmOptions = {
      covariance,
      width,
      rank: 3,
      numComponents: 100,
      initializer: "sampled",
      skip: false,
      bias: false,
    };
    const sample = normalRows(60);
    const params = start(60, options, sample);
    const { data: p, shape } = params.get("projections")!;
    const centers = params.get("centers")!.data;
    const entry = (j: number, r: number, k: number) => {
      if (shape.length === 3) return p[(j * shape[1] + r) * 100 + k];
      return j === r ? p[shape.length === 2 ? j * 100 + k : k] : 0;
    };
    let mean = 0;
    for (let k = 0; k < 100; k++) {
      const row = 4 * k;
      for (let r = 0; r < (shape.length === 3 ? shape[1] : 60); r++) {
        let y = 0;
        for (let j = 0; j < 60; j++) y += entry(j, r, k) * (sample.data[row * 60 + j] - centers[k * 60 + j]);
        mean += (y * y) / 100;
      }
    }
    expect(mean * width ** 2).toBeGreaterThan(0.7);
    expect(mean * width ** 2).toBeLessThan(1.4);
  });
});

test.each(["full", "lowRank", "diagonal", "isotropic"] as const)(
  "%s projected centres start as the same function as explicit ones",
  (covariance) => {
    const x = uniformTensor(1, [10, 3]);
    const values = (centers: "explicit" | "projected") => {
      const layer = gmnm(3, 2, { covariance, centers, numComponents: 6 });
      return forward(layer, layer.init(new Random(3)), x).data;
    };
    expect(maxDifference(values("explicit"), values("projected"))).toBeLessThan(1e-5);
  },
);

test("seeds differ", () => {
  expect(start(2, {}, undefined, 1)).not.toEqual(start(2, {}, undefined, 2));
});

test("bias and skip start at zero, and are there only when asked for", () => {
  expect([...start(2, { skip: true }).get("skip")!.data, ...start(2, {}).get("bias")!.data]).toEqual([0, 0, 0]);
  expect([...start(2, { skip: false, bias: false }).keys()].sort()).toEqual(["centers", "projections", "weights"]);
});

test.each([
  [
    "sampled rows without a sample",
    () => start(2, { initializer: "sampled" }),
    'initializer "sampled" of gmnm needs rows',
  ],
  ["k-means without a sample", () => start(6, { initializer: "kMeans" }), 'initializer "kMeans" of gmnm needs rows'],
  ["spaced in 11 features", () => start(11, { initializer: "spaced" }), "up to 10 input features, got 11"],
  ["a domain of the wrong length", () => start(2, { domain: [[0, 1]] }), "domain of gmnm must have 2 intervals, got 1"],
  [
    "a sample of the wrong width",
    () => start(2, {}, normalRows(3)),
    "gmnm expected a sample of shape (rows, 2) to initialise from, got (400, 3)",
  ],
  ["a sample without rows", () => start(2, {}, tensor([], [0, 2])), "got (0, 2)"],
])("refuses %s", (_, run, message) => {
  expect(run).toThrow(GmnmError);
  expect(run).toThrow(message);
});
