import { type numpy as np, numpy } from "@jax-js/jax";
import { describe, expect, test } from "vitest";
import { type Diffusion, diffusion, sampleDiffusion } from "../../src/models/index.ts";
import { type AnyLayer, gaussianMixtureActivation, gmnm, type Params } from "../../src/nn/index.ts";
import { readParams } from "../../src/params.ts";
import { Random } from "../../src/random.ts";
import { tensor, toTensor } from "../../src/tensor.ts";
import { minimize } from "../../src/train/index.ts";
import { liveBuffers } from "../live-buffers.ts";

const [MEAN, SPREAD] = [0.2, 0.15];
/** α and σ of the schedule at t. */
const at = (t: number) => {
  const angle = ((t + 0.008) / 1.008) * (Math.PI / 2);
  return [Math.cos(angle), Math.sin(angle)];
};

test.each([0, 0.5, 1])(
  "with the best possible network and eta %f samples have the distribution of the data",
  async (eta) => {
    // E[x₀ | xₜ] for data from N(0.2, 0.15²), in closed form.
    const denoise: Diffusion["denoise"] = (_, xt, t) => {
      const angle = t.add(0.008).mul(Math.PI / 2 / 1.008);
      const [alpha, sigma] = [numpy.cos(angle.ref), numpy.sin(angle)];
      const gain = alpha.ref.mul(SPREAD ** 2).div(
        numpy
          .square(alpha.ref)
          .mul(SPREAD ** 2)
          .add(numpy.square(sigma)),
      );
      return xt.sub(alpha.mul(MEAN)).mul(gain).add(MEAN);
    };
    const model = { ...diffusion(2), denoise };
    const { data, shape } = await sampleDiffusion(model, {}, 2000, {
      random: new Random(3),
      steps: 300,
      eta,
      batchSize: 1000,
    });
    expect(shape).toEqual([2000, 2]);
    const mean = data.reduce((a, b) => a + b) / data.length;
    const spread = Math.sqrt(data.reduce((sum, x) => sum + (x - mean) ** 2, 0) / data.length);
    expect(Math.abs(mean - MEAN)).toBeLessThan(0.01);
    expect(Math.abs(spread / SPREAD - 1)).toBeLessThan(0.05);
  },
);

test("the loss is the squared error of x₀, weighted by min(SNR, 5)", () => {
  const nothing: AnyLayer = { config: { type: "nothing" }, init: () => ({}), apply: (_, x) => numpy.split(x, [2], -1)[0].mul(0) }; // biome-ignore format: one line
  const model = diffusion(2, { network: nothing, timeFeatures: 2 });
  for (const t of [0.1, 0.6, 0.95]) {
    const uniform = (shape: number[]) => numpy.full(shape, t);
    const loss = toTensor(model.loss({}, numpy.array([[0.6, 0.8]]), { uniform })).data[0];
    const [alpha, sigma] = at(t);
    expect(loss).toBeCloseTo(0.5 * Math.min((alpha / sigma) ** 2, 5), 4);
  }
});

describe.each<[string, Parameters<typeof diffusion>[1]]>([
  ["ReLU", {}],
  ["learnt activations", { nonlinearity: gaussianMixtureActivation }],
  ["a mixture", { network: gmnm(2 + 16, 2, { numComponents: 48, rank: 3 }) }],
])("with %s", (_, options) => {
  test("learns two clusters and draws from both, the same for the same seed", async () => {
    const random = new Random(5);
    const corners = Array.from({ length: 600 }, () => (random.uniform() < 0.5 ? [0.5, 0.5] : [-0.5, -0.5]));
    const x = tensor(corners.flatMap((corner) => corner.map((c) => c + 0.03 * random.gaussian())), [600, 2]); // biome-ignore format: one line
    const model = diffusion(2, { hidden: [48, 48], ...options });
    const start = readParams(model.init(new Random(0), x));
    const objective = (p: Params, batch: Record<string, np.Array>, context: object) =>
      model.loss(p, batch.x, context).mean();
    const before = liveBuffers();
    const training = { epochs: 150, batchSize: 100, progress: false } as const;
    const { params } = await minimize(objective, start, { x }, training);
    const { data } = await sampleDiffusion(model, params, 200, { random: new Random(1), steps: 40, batchSize: 64 });
    expect(liveBuffers()).toBe(before);
    const near = (c: number) =>
      Array.from({ length: 200 }, (_, i) => Math.hypot(data[2 * i] - c, data[2 * i + 1] - c)).filter((d) => d < 0.2).length; // biome-ignore format: one line
    expect(near(0.5)).toBeGreaterThan(50);
    expect(near(-0.5)).toBeGreaterThan(50);
    expect(near(0.5) + near(-0.5)).toBeGreaterThan(180);
    const again = await sampleDiffusion(model, params, 200, { random: new Random(1), steps: 40, batchSize: 64 });
    expect(again.data).toEqual(data);
  });
});

test("refuses sizes that are none and a loss without random numbers", async () => {
  expect(() => diffusion(0)).toThrow("features of diffusion must be a whole number of at least 1, got 0");
  expect(() => diffusion(2, { timeFeatures: 3 })).toThrow("gmnm: timeFeatures of diffusion must be even, got 3");
  const model = diffusion(2);
  const params = readParams(model.init(new Random(0)));
  expect(() => model.loss(model.init(new Random(0)), numpy.zeros([1, 2]), {})).toThrow(
    "gmnm: diffusion needs a context with random numbers (uniform)",
  );
  const random = new Random(0);
  await expect(sampleDiffusion(model, params, 0, { random })).rejects.toThrow("rows of sampleDiffusion must be");
  await expect(sampleDiffusion(model, params, 1, { random, steps: 0 })).rejects.toThrow("steps of sampleDiffusion");
  await expect(sampleDiffusion(model, params, 1, { random, eta: 2 })).rejects.toThrow("eta of sampleDiffusion");
  await expect(sampleDiffusion(model, params, 1, { random, batch: 2 } as never)).rejects.toThrow("has no option");
});
