import { describe, expect, test } from "vitest";
import { judge } from "../../experiments/generation/classifier.ts";
import { hasMnist, imageSplits, imagesName } from "../../experiments/generation/data.ts";
import { symmetricEigen } from "../../experiments/generation/eigen.ts";
import { generation } from "../../experiments/generation/experiment.ts";
import { frechetDistance } from "../../experiments/generation/frechet.ts";
import { network, networkNames } from "../../experiments/generation/networks.ts";
import type { Trial } from "../../experiments/shared/experiment.ts";
import { countParameters } from "../../src/params.ts";
import { Random } from "../../src/random.ts";
import { initialParams } from "../../src/train/fit.ts";
import { type Block, fixture, toFloat32 } from "../golden.ts";

type Golden = { name: string; a: Block; b: Block; distance: number; eigenvalues: Block };

describe.each(fixture<Golden[]>("frechet"))("with $name, as SciPy has it", (golden) => {
  const { data, shape } = golden.a;
  const [rows, n] = shape;
  const mean = Array.from({ length: n }, (_, j) => data.reduce((sum, v, i) => (i % n === j ? sum + v : sum), 0) / rows);
  const covariance = Array.from({ length: n * n }, (_, i) => {
    const [p, q] = [Math.floor(i / n), i % n];
    let sum = 0;
    for (let row = 0; row < rows; row++) sum += (data[row * n + p] - mean[p]) * (data[row * n + q] - mean[q]);
    return sum / (rows - 1);
  });

  test("the eigenvalues of a covariance, and vectors that rebuild it", () => {
    const { values, vectors } = symmetricEigen(covariance, n);
    const sorted = [...values].sort((x, y) => x - y);
    for (const [i, value] of sorted.entries()) expect(value).toBeCloseTo(golden.eigenvalues.data[i], 8);
    for (let p = 0; p < n; p++) {
      for (let q = 0; q < n; q++) {
        let [rebuilt, inner] = [0, 0];
        for (let k = 0; k < n; k++) {
          rebuilt += vectors[p * n + k] * values[k] * vectors[q * n + k];
          inner += vectors[k * n + p] * vectors[k * n + q];
        }
        expect(rebuilt).toBeCloseTo(covariance[p * n + q], 10);
        expect(inner).toBeCloseTo(Number(p === q), 10);
      }
    }
  });

  test("the Fréchet distance, in both directions, and 0 to itself", () => {
    const [a, b] = [golden.a, golden.b].map(toFloat32);
    expect(frechetDistance(a, b) / golden.distance).toBeCloseTo(1, 4);
    expect(frechetDistance(b, a) / golden.distance).toBeCloseTo(1, 4);
    expect(Math.abs(frechetDistance(a, a))).toBeLessThan(1e-6);
  });
});

test("a diagonal and a zero matrix are their own answer", () => {
  expect([...symmetricEigen([3, 0, 0, -2], 2).values]).toEqual([3, -2]);
  expect([...symmetricEigen([0, 0, 0, 0], 2).values]).toEqual([0, 0]);
});

test.each(networkNames)("%s has 100,000 parameters within 5 per cent, as a decoder and as a denoiser", (name) => {
  for (const ins of [16, 800]) {
    const parameters = countParameters(initialParams(network(name, ins, 784, 100_000), new Random(0)));
    expect(Math.abs(parameters / 100_000 - 1), `${ins} inputs: ${parameters}`).toBeLessThanOrEqual(0.05 + 1e-9);
  }
});

test("without files the images are generated, and say so", () => {
  expect(hasMnist(undefined)).toBe(false);
  expect(imagesName(undefined)).toBe("glyphs");
  expect(generation.generated(undefined)).toBe(true);
  const { train, validation, test } = imageSplits(undefined);
  expect([train.count, validation.x.shape, test.x.shape]).toEqual([5800, [200, 784], [1000, 784]]);
  expect(imageSplits(undefined)).toBe(imageSplits(undefined));
});

// A machine under load takes its time to train the judge.
describe("short runs on generated images", { timeout: 120_000 }, () => {
  const trial = (task: string, model: string): Trial => ({
    experiment: "generation",
    task,
    model,
    size: 100_000,
    optimizer: "adam",
    setting: { learningRate: 0.003 },
    seed: 0,
    steps: 40,
  });
  const run = async (task: string, model: string) => {
    const one = trial(task, model);
    return { trial: one, outcome: await generation.run(one) };
  };

  test("the judge tells the digits", async () => {
    expect((await judge(undefined)).accuracy).toBeGreaterThan(0.9);
  });

  test("measure a bound and a distance, and show images", async () => {
    const plan = { ...generation.plan("quick", undefined), tasks: ["glyphs VAE"] };
    const runs = [await run("glyphs VAE", "GMNM"), await run("glyphs VAE", "ReLU")];
    for (const { outcome } of runs) {
      // 784 pixels that are guessed to be grey cost 784 ln 2.
      expect(outcome.test).toBeLessThan(784 * Math.LN2);
      expect(outcome.test).toBeGreaterThan(0);
      expect(Math.abs(outcome.validation / outcome.test - 1)).toBeLessThan(0.1);
      expect(outcome.measures!["Fréchet distance"]).toBeGreaterThan(0);
      expect(outcome.curve.y.at(-1)).toBeLessThan(outcome.curve.y[0]);
      expect(outcome.msPerStep).toBeGreaterThan(0);
    }
    const [section] = await generation.figures(runs, plan);
    expect(section.heading).toBe("glyphs VAE");
    expect(section.figures!.map(({ svg }) => svg.slice(0, 4))).toEqual(new Array(6).fill("<svg"));
    expect(section.table!.rows.map(([model]) => model)).toEqual(["GMNM"]);
  });

  test("train a diffusion model, too", async () => {
    const plan = { ...generation.plan("full", undefined), tasks: ["glyphs diffusion"] };
    const one = await run("glyphs diffusion", "GELU");
    expect(Number.isFinite(one.outcome.test)).toBe(true);
    const [section] = await generation.figures([one], plan);
    expect(section.figures).toHaveLength(3);
  });

  test("leave out what diverged", async () => {
    const plan = { ...generation.plan("quick", undefined), tasks: ["glyphs VAE"] };
    const lost = { validation: NaN, test: NaN, parameters: 1, msPerStep: 1, curve: { x: [], y: [] }, params: [] };
    expect(await generation.figures([{ trial: trial("glyphs VAE", "ReLU"), outcome: lost }], plan)).toEqual([]);
  });
});
