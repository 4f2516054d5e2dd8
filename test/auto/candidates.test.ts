import fc from "fast-check";
import { expect, test } from "vitest";
import { candidatesOf, modelNames, targetParameters } from "../../src/auto/candidates.ts";
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

test("refuses a kind that there is not", () => {
  expect(() => candidatesOf("forest" as never, { rows: 9, features: 1, outputs: 1 }, "regression")).toThrow(
    'model must be one of gmnm, mlp, kan, fastKan, rbf, linear, got "forest"',
  );
});
