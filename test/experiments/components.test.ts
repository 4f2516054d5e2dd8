import { describe, expect, test } from "vitest";
import { partsOf } from "../../experiments/components/data.ts";
import { components } from "../../experiments/components/experiment.ts";
import type { Run, Trial } from "../../experiments/shared/experiment.ts";

const plan = { ...components.plan("quick", undefined), tasks: ["franke", "Friedman #1"] };
const trial = (task: string, model: string): Trial => ({
  experiment: "components",
  task,
  model,
  size: 800,
  optimizer: "adam",
  setting: { learningRate: 0.02, weightDecay: 0.03 },
  seed: 0,
  steps: 60,
});

test("the parts of a table are standardised by its training rows, and share none", () => {
  const { train, validation, test } = partsOf("Friedman #1", 1, undefined);
  expect([train, validation, test].map(({ x }) => x.shape)).toEqual([[810, 10], [90, 10], [100, 10]]); // biome-ignore format: one line
  expect(train.y.data.reduce((a, b) => a + b) / 810).toBeCloseTo(0, 4);
});

describe("short runs", { timeout: 120_000 }, () => {
  const runs = (async () => {
    const done: Run[] = [];
    for (const task of plan.tasks) {
      for (const model of plan.models) {
        const one = trial(task, model);
        done.push({ trial: one, outcome: await components.run(one) });
      }
    }
    return done;
  })();
  const of = async (task: string, model: string) =>
    (await runs).find(({ trial }) => trial.task === task && trial.model === model)!.outcome;

  test("prune to half the parameters, and keep the others at all", async () => {
    for (const task of plan.tasks) {
      const whole = (await of(task, "GMNM")).parameters;
      expect((await of(task, "GMNM, started far off")).parameters).toBe(whole);
      for (const model of ["GMNM, half pruned at the end", "GMNM, half pruned on the way", "GMNM of half the size"]) {
        expect((await of(task, model)).parameters / whole).toBeGreaterThan(0.4);
        expect((await of(task, model)).parameters / whole).toBeLessThan(0.6);
      }
    }
  });

  test("re-seed what starts far off", async () => {
    const [left, moved] = [
      await of("franke", "GMNM, started far off"),
      await of("franke", "GMNM, started far off, re-seeded"),
    ];
    expect(moved.test).toBeLessThan(left.test);
  });

  test("show dead components, the error against what is kept, and where components lie", async () => {
    const [dead, pruned, places] = await components.figures(await runs, plan);
    const row = (model: string) => dead.table!.rows.find(([name]) => name === model)!;
    expect(row("GMNM, started far off")[1]).toMatch(/^8[0-9] of 11[0-9]$/);
    expect(row("GMNM, started far off, re-seeded")[1]).toMatch(/^0 of 11[0-9]$/);
    expect(pruned.table!.rows).toHaveLength(8);
    expect(pruned.figures).toHaveLength(1);
    expect(places.figures).toHaveLength(3);
  });
});
