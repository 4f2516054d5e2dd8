import { grad, type numpy as np, numpy, tree } from "@jax-js/jax";
import { describe, expect, test } from "vitest";
import { compileFunction } from "../../src/compile/compile.ts";
import { type VaeParams, vae } from "../../src/models/index.ts";
import { gaussianMixtureActivation, gmnm, linear, type Params } from "../../src/nn/index.ts";
import { fillParams, namedTensors, type ParamTensors, placeParams, readParams } from "../../src/params.ts";
import { Random } from "../../src/random.ts";
import { type Tensor, tensor, toArray, toTensor } from "../../src/tensor.ts";
import { minimize } from "../../src/train/index.ts";
import { type Block, fixture, toFloat32 } from "../golden.ts";
import { relativeError } from "../gradients.ts";
import { liveBuffers } from "../live-buffers.ts";

type Golden = {
  name: string;
  params: Record<string, Block>;
  x: Block;
  uniform: Block[];
  elbo: Block;
  gradients: Record<string, Block>;
};
const fed = (arrays: readonly np.Array[]) => {
  let next = 0;
  return { uniform: () => arrays[next++] };
};

describe.each(fixture<Golden[]>("vae"))("the bound agrees with the golden one: $name", (golden) => {
  const model = vae(5, { latentSize: 2, hidden: [], decoder: linear(2, 5) });
  // PyTorch's two maps are the two networks; the library's encoder is a list of one.
  const paths = Object.entries(golden.params).map(([path, block]) => [path, toFloat32(block)] as const);
  const start = { ...readParams(model.init(new Random(0))) } as Record<string, ParamTensors>;
  const given = new Map(paths.map(([path, t]) => [path.replace("decoder.0", "decoder"), t]));
  const params = fillParams(start, given);
  const [x, ...uniform] = [golden.x, ...golden.uniform].map(toFloat32);

  test.each(["native", "wasm"] as const)("on %s", async (executor) => {
    const compiled = await compileFunction(
      (p: Params, batch: Record<string, np.Array>) => {
        const bound = (q: Params) => model.elbo(q as VaeParams, batch.x.ref, fed([batch.u.ref, batch.v.ref]));
        const gradient = grad((q: Params) => bound(q).sum())(tree.ref(p) as never) as Params;
        return { elbo: bound(p), gradient };
      },
      { executor },
    );
    const found = (await compiled(params, { x, u: uniform[0], v: uniform[1] })) as Record<string, Tensor>;
    compiled.dispose();
    expect(relativeError(found.elbo.data, golden.elbo.data)).toBeLessThan(1e-5);
    for (const [path, { data }] of namedTensors(found.gradient as unknown as ParamTensors)) {
      const name = path.replace("decoder", "decoder.0");
      expect(relativeError(data, golden.gradients[name].data), path).toBeLessThan(1e-5);
    }
  });
});

const prior = (value: number) => (shape: number[]) => numpy.full(shape, value);

test("stays finite for logits and variances far out of range", () => {
  const model = vae(3, { latentSize: 1, hidden: [], decoder: linear(1, 3) });
  const params = readParams(model.init(new Random(1)) as Params);
  for (const [, { data }] of namedTensors(params)) data.fill(1e3);
  const x = () => toArray(tensor([1, 0, 1], [1, 3]));
  const bound = (p: Params) => model.elbo(p as VaeParams, x(), { uniform: prior(0) }).sum();
  expect(Number.isFinite(toTensor(bound(placeParams(params))).data[0])).toBe(true);
  const gradient = readParams(grad(bound)(placeParams(params) as never) as Params);
  for (const [path, { data }] of namedTensors(gradient)) expect(data.every(Number.isFinite), path).toBe(true);
});

test.each<[string, Parameters<typeof vae>[1]]>([
  ["perceptrons", {}],
  ["learnt activations", { nonlinearity: gaussianMixtureActivation }],
  ["a mixture for a decoder", { decoder: gmnm(2, 16, { numComponents: 12, skip: true }) }],
])("learns to make images of bars with %s", async (_, options) => {
  const random = new Random(4);
  const bars = Array.from({ length: 200 }, () => random.integer(4));
  const x = tensor(bars.flatMap((row) => Array.from({ length: 16 }, (_, i) => Number(i >> 2 === row))), [200, 16]); // biome-ignore format: one line
  const model = vae(16, { latentSize: 2, hidden: [24], ...options });
  const objective = (p: Params, batch: Record<string, np.Array>, context: object) =>
    model
      .elbo(p as VaeParams, batch.x, context)
      .mean()
      .neg();
  const start = readParams(model.init(new Random(0)) as Params);
  const before = liveBuffers();
  const { params, history } = await minimize(objective, start, { x }, { epochs: 120, batchSize: 50, progress: false });
  expect(liveBuffers()).toBe(before);
  // No bound is better than the entropy of four equal bars, ln 4; one that ignores z pays 4 · ln 4 + 12 · ln 4/3 = 9.
  const last = history.at(-1)!.loss;
  expect(last).toBeGreaterThan(Math.log(4) - 0.05);
  expect(last).toBeLessThan(4);
  const made = toTensor(model.reconstruct(placeParams(params) as VaeParams, toArray(x)));
  const wrong = made.data.filter((p, i) => p > 0.5 !== x.data[i] > 0.5).length;
  expect(wrong / made.data.length).toBeLessThan(0.02);
});

test("the decoder's mixture starts on rows of the prior", () => {
  const model = vae(4, { latentSize: 6, decoder: gmnm(6, 4, { numComponents: 200 }) });
  const { decoder } = readParams(model.init(new Random(2)) as Params) as Record<string, Record<string, Tensor>>;
  const { data } = decoder.centers;
  expect(Math.hypot(...data) / Math.sqrt(data.length)).toBeCloseTo(1, 1);
});

test("refuses sizes that are none, rows of another length, and to go without random numbers", () => {
  expect(() => vae(0)).toThrow("inFeatures of linear must be a whole number of at least 1, got 0");
  expect(() => vae(4, { latentSize: 1.5 })).toThrow("inFeatures of linear must be a whole number");
  const model = vae(4);
  const apply = (columns: number, context: object) =>
    model.elbo(model.init(new Random(0)), numpy.zeros([2, columns]), context);
  expect(() => apply(3, {})).toThrow("linear expected x of shape (batch, 4), got (2, 3)");
  expect(() => apply(4, {})).toThrow("gmnm: vae needs a context with random numbers (uniform)");
});
