import fc from "fast-check";
import { expect, test } from "vitest";
import { candidatesOf, modelNames, targetParameters, variantsOf } from "../../src/auto/candidates.ts";
import { fromConfig } from "../../src/nn/index.ts";
import { countParameters } from "../../src/params.ts";
import { Random } from "../../src/random.ts";
import { initialParams } from "../../src/train/fit.ts";

const tasks = ["regression", "classification"] as const;

test("candidates have the parameters that they say, near the target wherever a width allows it", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...modelNames),
      fc.constantFrom(...tasks),
      fc.integer({ min: 4, max: 3000 }),
      fc.integer({ min: 1, max: 30 }),
      fc.integer({ min: 1, max: 4 }),
      (model, task, rows, features, outputs) => {
        const shape = { rows, features, outputs };
        const target = targetParameters(shape);
        for (const { config, parameters } of candidatesOf(model, shape, task)) {
          const layer = fromConfig(config);
          const sample = new Random(1).normal([40, features]);
          expect(countParameters(initialParams(layer, new Random(0), sample))).toBe(parameters);
          if (model !== "linear") expect(parameters / target).toBeLessThan(1.6);
        }
      },
    ),
    { numRuns: 40 },
  );
});

test("kinds of model get as many candidates each, under names of their own, and on usual tables parameters within 5 %", () => {
  const shape = { rows: 1000, features: 8, outputs: 1 };
  for (const model of modelNames.filter((name) => name !== "linear")) {
    const candidates = candidatesOf(model, shape, "regression");
    expect(new Set(candidates.map(({ name }) => name)).size).toBe(6);
    for (const { parameters } of candidates) {
      expect(Math.abs(parameters / targetParameters(shape) - 1)).toBeLessThanOrEqual(0.05);
    }
  }
});

test("variants are half and twice the size, or learn at another rate, and are nothing that is tried already", () => {
  const shape = { rows: 1000, features: 8, outputs: 1 };
  for (const model of modelNames.filter((name) => name !== "linear")) {
    const candidates = candidatesOf(model, shape, "regression");
    const variants = variantsOf(model, shape, "regression");
    expect(variants.length).toBe(6);
    for (const [i, list] of variants.entries()) {
      const names = [...candidates, ...list].map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
      const sizes = list.map(({ parameters }) => parameters / candidates[i].parameters);
      const rates = list.map(({ learningRate }) => learningRate / candidates[i].learningRate);
      for (const [size, wanted] of [0.5, 2].map((wanted, j) => [sizes[j], wanted])) {
        expect(Math.abs(size / wanted - 1)).toBeLessThan(0.1);
      }
      expect(list.length === 2 || (sizes[2] === 1 && rates[2] !== 1)).toBe(true);
      expect(rates.slice(0, 2)).toEqual([1, 1]);
    }
  }
  expect(variantsOf("linear", shape, "classification")).toEqual([[], [], []]);
});

test("refuses a kind that there is not", () => {
  expect(() => candidatesOf("forest" as never, { rows: 9, features: 1, outputs: 1 }, "regression")).toThrow(
    'model must be one of gmnm, additiveGmnm, mlp, kan, fastKan, rbf, linear, got "forest"',
  );
});

test("of up to four features, which may be coordinates, mixtures are also tried that start all over their box", () => {
  for (const features of [1, 2, 4, 5]) {
    const candidates = candidatesOf("gmnm", { rows: 1000, features, outputs: 1 }, "regression");
    expect(new Set(candidates.map(({ name }) => name)).size).toBe(6);
    const spaced = candidates.filter(({ config }) => config.initializer === "spaced");
    expect(spaced.map(({ config }) => config.covariance)).toEqual(features > 4 ? [] : ["full", "full"]);
  }
});
