import { grad, jit, numpy as np, tree } from "@jax-js/jax";
import { describe, expect, test } from "vitest";
import { onDevice } from "../../src/compile/executor.ts";
import { laplacian } from "../../src/models/pinn.ts";
import { describeComponents } from "../../src/nn/components.ts";
import type { GmnmParams } from "../../src/nn/gmnm.ts";
import { type GmnmOptions, gmnm } from "../../src/nn/index.ts";
import { namedTensors, placeParams, readParams } from "../../src/params.ts";
import { Random } from "../../src/random.ts";
import { type Tensor, tensor, toArray, toTensor } from "../../src/tensor.ts";
import { initialParams } from "../../src/train/fit.ts";
import { relativeError } from "../gradients.ts";
import { liveBuffers } from "../live-buffers.ts";

/** Σ_k π_k exp(−½ zᵀΛz) (‖Λz‖² − tr Λ) with z = x − μ_k: the Laplacian of a mixture, in float64. */
function closedForm(components: ReturnType<typeof describeComponents>, x: number[]): number {
  return components.reduce((sum, { center, precision, weight: [pi] }) => {
    const z = x.map((value, j) => value - center[j]);
    const slope = precision.map((row) => row.reduce((total, entry, j) => total + entry * z[j], 0));
    const squared = slope.reduce((total, value, j) => total + value * z[j], 0);
    const trace = precision.reduce((total, row, j) => total + row[j], 0);
    return sum + pi * Math.exp(-0.5 * squared) * (slope.reduce((total, value) => total + value ** 2, 0) - trace);
  }, 0);
}

const variants: [name: string, dimensions: number, options: GmnmOptions][] = [
  ["full", 2, { covariance: "full" }],
  ["diagonal", 2, { covariance: "diagonal" }],
  ["isotropic, three dimensions", 3, { covariance: "isotropic" }],
  ["rank one of three dimensions", 3, { covariance: "lowRank", rank: 1 }],
  ["sum", 2, { aggregate: "sum" }],
  ["a linear path, which has none", 2, { skip: true }],
];

test.each(variants)("the Laplacian of a mixture is the closed form's: %s", (_, d, options) => {
  const layer = gmnm(d, 1, { numComponents: 12, ...options });
  const params = layer.init(new Random(1));
  const components = describeComponents(layer.config, readParams(params));
  const points: Tensor = new Random(2).normal([50, d], 0.7);
  const compiled = jit((p: typeof params, at: np.Array) => laplacian((x) => layer.apply(tree.ref(p), x), d)(at));
  const run = () => toTensor(compiled(tree.ref(params), toArray(points)) as np.Array);
  const { data } = run();
  const before = liveBuffers(); // the first run keeps constants
  run();
  expect(liveBuffers()).toBe(before);
  const expected = Array.from({ length: 50 }, (_, i) =>
    closedForm(components, [...points.data.subarray(i * d, (i + 1) * d)]),
  );
  const scale = Math.max(...expected.map(Math.abs));
  expect(scale).toBeGreaterThan(0.01);
  for (const [i, value] of expected.entries()) expect(Math.abs(data[i] - value) / scale).toBeLessThan(1e-4);
  tree.dispose(params);
  compiled.dispose();
});

test("the Laplacian of a polynomial, output by output", () => {
  // (x² + y³ z, z²) has the Laplacian (2 + 6 y z, 2).
  const u = (at: np.Array) => {
    const [x, y, z] = [0, 1, 2].map((i) => at.ref.slice([], [i, i + 1]));
    at.dispose();
    return np.concatenate([np.square(x).add(y.ref.mul(np.square(y)).mul(z.ref)), np.square(z)], 1);
  };
  const before = liveBuffers();
  const made = toTensor(laplacian(u, 3)(toArray(tensor([1, 2, 3, -1, 0.5, 2], [2, 3]))));
  expect(made.shape).toEqual([2, 2]);
  expect(relativeError(made.data, [38, 2, 8, 2])).toBeLessThan(1e-6);
  expect(liveBuffers()).toBe(before); // eagerly, too
});

describe("in double precision", () => {
  const [d, numComponents, rows] = [2, 5, 7];
  const layer = gmnm(d, 1, { numComponents });
  const params = initialParams(layer, new Random(4)) as Record<string, Tensor>;
  // Moved a little so that no two numbers are equal and none is zero.
  const random = new Random(5);
  for (const [, { data }] of namedTensors(params))
    for (let i = 0; i < data.length; i++) data[i] += 0.3 * random.gaussian();
  const points = new Random(6).normal([rows, d], 0.7);
  type Numbers = Record<string, { data: ArrayLike<number> }>;

  /** Σ_k π_k f_k (‖PᵀPz‖² − tr PᵀP) at every point, from f = exp(−½ ‖Pz‖²) and z = x − μ, straight from the parameters. */
  const byHand = ({ projections, centers, weights }: Numbers): number[] =>
    Array.from({ length: rows }, (_, i) => {
      let sum = 0;
      for (let k = 0; k < numComponents; k++) {
        const p = (r: number, j: number) => projections.data[(j * d + r) * numComponents + k]; // (inFeatures, rank, components)
        const axes = Array.from({ length: d }, (_, j) => j);
        const z = axes.map((j) => points.data[i * d + j] - centers.data[k * d + j]);
        const y = axes.map((r) => axes.reduce((total, j) => total + p(r, j) * z[j], 0));
        const squared = axes.reduce((total, j) => total + axes.reduce((along, r) => along + p(r, j) * y[r], 0) ** 2, 0);
        const trace = axes.reduce((total, j) => total + axes.reduce((column, r) => column + p(r, j) ** 2, 0), 0);
        sum += weights.data[k] * Math.exp(-0.5 * (y[0] ** 2 + y[1] ** 2)) * (squared - trace);
      }
      return sum;
    });
  const laplacianOf = (p: GmnmParams, x: np.Array) => laplacian((at) => layer.apply(tree.ref(p), at), d)(x);
  const array64 = (data: ArrayLike<number>, shape: readonly number[]) =>
    np.array(Float64Array.from(data), { shape: [...shape], dtype: np.float64, device: "cpu" });
  const params64 = () =>
    Object.fromEntries(namedTensors(params).map(([name, t]) => [name, array64(t.data, t.shape)])) as GmnmParams;

  test("the Laplacian is the closed form's to nine digits", () => {
    const values = onDevice("cpu", () => laplacianOf(params64(), array64(points.data, points.shape)).dataSync());
    expect(values).toBeInstanceOf(Float64Array);
    expect(relativeError(values, byHand(params))).toBeLessThan(1e-9);
  });

  test("gradients of the loss of a Poisson problem are the closed form's differences", () => {
    // Mean of (Δu + sin x)².
    const force = Array.from({ length: rows }, (_, i) => Math.sin(points.data[d * i]));
    const lossByHand = (p: Numbers) => byHand(p).reduce((sum, value, i) => sum + (value + force[i]) ** 2, 0) / rows;
    const loss = (p: GmnmParams, x: np.Array, f: np.Array) => np.square(laplacianOf(p, x).add(f)).mean();
    const compiled = jit(grad(loss));
    const in32 = readParams(
      compiled(placeParams(params) as GmnmParams, toArray(points), toArray(tensor(force, [rows, 1]))) as GmnmParams,
    ) as Record<string, Tensor>;
    const in64 = onDevice("cpu", () => {
      const made = grad(loss)(params64(), array64(points.data, points.shape), array64(force, [rows, 1]));
      return Object.fromEntries(Object.entries(made).map(([name, a]) => [name, (a as np.Array).dataSync()]));
    });
    compiled.dispose();
    for (const [name, { data }] of namedTensors(params)) {
      const differences = Array.from(data, (value, i) => {
        const at = (moved: number) =>
          lossByHand({ ...params, [name]: { data: Float64Array.from(data).with(i, moved) } });
        return (at(value + 1e-5) - at(value - 1e-5)) / 2e-5;
      });
      expect(relativeError(in32[name].data, differences), `float32, ${name}`).toBeLessThan(1e-4);
      expect(relativeError(in64[name], differences), `float64, ${name}`).toBeLessThan(1e-7);
    }
  });
});
