import { jit, type numpy as np, tree } from "@jax-js/jax";
import { expect, test } from "vitest";
import { laplacian } from "../../src/models/pinn.ts";
import { describeComponents } from "../../src/nn/components.ts";
import { type GmnmOptions, gmnm } from "../../src/nn/index.ts";
import { readParams } from "../../src/params.ts";
import { Random } from "../../src/random.ts";
import { type Tensor, toArray, toTensor } from "../../src/tensor.ts";
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
  expect(scale).toBeGreaterThan(0.1);
  for (const [i, value] of expected.entries()) expect(Math.abs(data[i] - value) / scale).toBeLessThan(1e-4);
  tree.dispose(params);
  compiled.dispose();
});
