import fc from "fast-check";
import { expect, test } from "vitest";
import { modelNames } from "../../src/auto/candidates.ts";
import { planFor, planOf } from "../../src/auto/plan.ts";

const tasks = ["regression", "classification"] as const;
const shapes = fc.record({
  rows: fc.oneof(fc.integer({ min: 4, max: 200 }), fc.integer({ min: 200, max: 1_000_000 })),
  features: fc.integer({ min: 1, max: 200 }),
  outputs: fc.integer({ min: 1, max: 100 }),
  task: fc.constantFrom(...tasks),
  model: fc.constantFrom(...modelNames),
  seed: fc.constant(1),
});

test("a plan fits into its seconds, or takes as few steps as there can be; more seconds never make it poorer", () => {
  fc.assert(
    fc.property(shapes, fc.double({ min: 1e-5, max: 0.05, noNaN: true }), (options, step) => {
      const costs = { get: () => ({ startup: 0.1, step }) } as unknown as ReadonlyMap<
        string,
        { startup: number; step: number }
      >;
      const plans = [1, 10, 50, 500].map((seconds) => planFor(options, costs, { seconds, workers: 2 }));
      for (const plan of plans) {
        expect(plan.expectedSeconds! <= plan.timeBudget! + 1e-9 || plan.epochs === 2).toBe(true);
        expect(plan.folds).toBeLessThanOrEqual(options.rows / 2);
        expect(plan.batchSize ?? plan.trainingRows).toBeLessThanOrEqual(1024);
        expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
      }
      const sizes = plans.map(({ folds, repeats }) => folds * repeats);
      expect(sizes).toEqual(sizes.toSorted((a, b) => a - b));
    }),
    { numRuns: 60 },
  );
});

test("few rows are divided several times, many are trained on in part", () => {
  const shape = { features: 4, outputs: 1, task: "regression", model: "gmnm", seed: 0 } as const;
  expect(planOf({ ...shape, rows: 30 }, 0)).toMatchObject({ folds: 10, repeats: 3, batchSize: null });
  expect(planOf({ ...shape, rows: 5 }, 0).folds).toBe(2);
  expect(planOf({ ...shape, rows: 1_000_000 }, 0)).toMatchObject({ repeats: 1, trainingRows: 200_000, batchSize: 256 });
});
