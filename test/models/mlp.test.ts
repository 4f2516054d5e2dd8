import { describe, expect, test } from "vitest";
import { GmnmError } from "../../src/errors.ts";
import { mlp } from "../../src/models/mlp.ts";
import { gaussianMixtureActivation, gmnm } from "../../src/nn/index.ts";
import { Random } from "../../src/random.ts";
import { forward } from "../forward.ts";
import { expectGolden, fixture } from "../golden.ts";

describe("values and gradients agree with the golden ones", () => {
  test.each(fixture("mlp"))("$name", expectGolden);
});

const typesOf = (model: ReturnType<typeof mlp>) => (model.config.layers as { type: string }[]).map(({ type }) => type);

test("puts a nonlinearity between linear maps and none after the last", () => {
  expect(typesOf(mlp([2, 8, 8, 1]))).toEqual(["linear", "activation", "linear", "activation", "linear"]);
  expect(typesOf(mlp([2, 1]))).toEqual(["linear"]);
  expect(typesOf(mlp([2, 8, 1], { nonlinearity: gaussianMixtureActivation }))).toContain("gaussianMixtureActivation");
});

test("calls a nonlinearity given as a function with each hidden width", () => {
  const { layers } = mlp([2, 8, 4, 1], { nonlinearity: (width) => gmnm(width, width) }).config;
  expect((layers as { inFeatures: number }[]).map(({ inFeatures }) => inFeatures)).toEqual([2, 8, 8, 4, 4]);
});

test.each(["relu", "silu", "gelu", "tanh"] as const)(
  "keeps the scale of standard normal inputs through ten layers of %s",
  (nonlinearity) => {
    const model = mlp([64, ...new Array(10).fill(64), 64], { nonlinearity });
    const { data } = forward(model, model.init(new Random(1)), new Random(2).normal([20, 64]));
    const rms = Math.sqrt(data.reduce((sum, value) => sum + value * value, 0) / data.length);
    expect(rms).toBeGreaterThan(0.05);
    expect(rms).toBeLessThan(5);
  },
);

test("refuses fewer than two sizes, and sizes that are none", () => {
  expect(() => mlp([2])).toThrow(new GmnmError("mlp needs at least an input and an output size, got 1"));
  expect(() => mlp([2, 0, 1])).toThrow("outFeatures of linear must be a whole number of at least 1, got 0");
  expect(() => mlp([2, 3, 1], { nonlinearity: "swish" as never })).toThrow("name of activation must be");
});
