import fc from "fast-check";
import { expect, test } from "vitest";
import { fitTable, planOf } from "../../src/auto/index.ts";
import { Random } from "../../src/random.ts";
import { tensor } from "../../src/tensor.ts";
import { predict } from "../../src/train/index.ts";

/** Columns as tables have them, standardised or nearly so. */
const columns: Record<string, (random: Random, i: number) => number> = {
  normal: (random) => random.gaussian(),
  constant: () => 0,
  rare: (random) => (random.uniform() < 0.05 ? 4 : -0.2),
  heavy: (random) => Math.tan(3 * (random.uniform() - 0.5)),
  levels: (random) => random.integer(3) - 1,
  time: (_, i) => i / 20 - 1,
};
const targets: Record<string, (x: number[], random: Random) => number> = {
  line: ([a]) => a,
  noise: (_, random) => random.gaussian(),
  constant: () => 0,
  product: ([a, b = 1]) => a * b,
  outliers: ([a], random) => a + (random.uniform() < 0.05 ? 40 : 0),
};

test("whatever the table is like, there is a model of it, finite and of the right shape, and no worse than the mean", {
  timeout: 120_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        rows: fc.integer({ min: 4, max: 70 }),
        kinds: fc.array(fc.constantFrom(...Object.keys(columns)), { minLength: 1, maxLength: 7 }),
        target: fc.constantFrom(...Object.keys(targets)),
        outputs: fc.integer({ min: 1, max: 4 }),
        classes: fc.boolean(),
        seed: fc.integer({ min: 0, max: 1000 }),
      }),
      async ({ rows, kinds, target, outputs, classes, seed }) => {
        const random = new Random(seed);
        const x = Array.from({ length: rows }, (_, i) => kinds.map((kind) => columns[kind](random, i)));
        const values = x.map((row) => targets[target](row, random));
        const width = classes ? outputs + 1 : outputs;
        // Of some classes there is no row at all.
        const y = values.flatMap((value) =>
          Array.from({ length: width }, (_, o) =>
            classes ? Number(o === Math.abs(Math.round(value)) % width) : value,
          ),
        );
        const task = classes ? "classification" : "regression";
        const features = kinds.length;
        const whole = planOf({ rows, features, outputs: width, task, model: "gmnm", seed }, 1, 40);
        const folds = Math.min(3, whole.folds);
        const plan = {
          ...whole,
          folds,
          repeats: 1,
          candidates: whole.candidates.slice(0, 2),
          variants: whole.variants.slice(0, 2),
          searchFolds: 1,
        };
        const table = { x: tensor(x.flat(), [rows, features]), y: tensor(y, [rows, width]) };
        const { model, validation } = await fitTable(table, { task, plan, workers: 0 });
        const { data, shape } = await predict(model, table.x);
        expect(shape).toEqual([rows, width]);
        expect(data.every(Number.isFinite)).toBe(true);
        const loss = (scores: typeof validation.scores) => ("rmse" in scores ? scores.rmse : scores.logLoss);
        expect(loss(validation.scores)).toBeLessThanOrEqual(1.3 * loss(validation.constant) + 0.05);
      },
    ),
    { numRuns: 8 },
  );
});
