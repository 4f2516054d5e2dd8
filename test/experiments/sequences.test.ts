// The experiments on sequences, with tiny plans on generated data.
import { describe, expect, it } from "vitest";
import { modelFor, modelNames } from "../../experiments/attention/models.ts";
import { models as forecasters } from "../../experiments/forecast/models.ts";
import { experiments } from "../../experiments/index.ts";
import type { Outcome, Run, Setting, Trial } from "../../experiments/shared/experiment.ts";
import { pairedSection } from "../../experiments/shared/paired.ts";
import { pairedDifference } from "../../experiments/shared/statistics.ts";
import { walk } from "../../experiments/shared/walk.ts";
import { findData } from "../../src/cli/data-folder.ts";
import { aroundLastValue, linear, overTime, residual, sequential } from "../../src/nn/index.ts";
import { countParameters, readParams } from "../../src/params.ts";
import { Random } from "../../src/random.ts";
import { initialParams } from "../../src/train/fit.ts";

const parametersOf = (layer: Parameters<typeof initialParams>[0]) =>
  countParameters(initialParams(layer, new Random(0)));
const trial = (experiment: string, task: string, model: string, more: Partial<Trial> = {}): Trial => ({
  experiment,
  task,
  model,
  size: 16,
  optimizer: "adam",
  setting: { learningRate: 0.003 },
  seed: 0,
  steps: 4,
  ...more,
});

async function shortRuns(name: string, tasks: string[], models: string[]): Promise<Run[]> {
  // As for timing: measured on few rows.
  const trials = tasks.flatMap((task) => models.map((model) => trial(name, task, model, { purpose: "timing" })));
  return Promise.all(trials.map(async (one) => ({ trial: one, outcome: await experiments[name].run(one) })));
}

describe("paired differences", () => {
  it("are those of the pairs", () => {
    expect(pairedDifference([1, 3, 5], [2, 2, 2])).toEqual({ mean: 1, sd: 2, pairs: 3 });
  });

  const runs = (model: string, tests: number[]): Run[] =>
    // Out of order, as workers finish.
    [...tests.entries()].reverse().map(([seed, test]) => ({
      trial: trial("forecast", "a", model, { seed }),
      outcome: { test } as Outcome,
    }));
  const plan = { ...experiments.forecast.plan("quick", undefined), tasks: ["a", "b"] };
  const answers = (model: number[], baseline: number[]) =>
    pairedSection([...runs("m", model), ...runs("b", baseline)], plan, [
      ["m", "b"],
      ["m", "absent"],
    ]).table?.rows.map((row) => row[5]);

  it("call better and worse what a t-test does, and count seeds that vary together", () => {
    expect(answers([0.9, 1.9, 2.9], [1, 2, 3.01])).toEqual(["better"]);
    expect(answers([1.1, 2.1, 3.1], [1, 2, 3.01])).toEqual(["worse"]);
    expect(answers([0.9, 2.1, 3], [1, 2, 3])).toEqual(["level"]);
    expect(answers([0.9], [1])).toEqual(["one seed"]);
  });
});

it("walk gives each layer what it gets in the model", () => {
  const inner = sequential(linear(3, 3), residual(linear(3, 3)), linear(3, 2));
  const model = aroundLastValue(overTime(inner));
  const params = readParams(model.init(new Random(1)));
  const x = new Random(2).normal([2, 3, 4]);
  const visits = walk(model.config, params, x);
  expect(visits.map(({ config, input }) => [config.type, input.shape])).toEqual([
    ["linear", [2, 4, 3]],
    ["linear", [2, 4, 3]],
    ["linear", [2, 4, 3]],
  ]);
  // The first sees pasts relative to their last value, which is at the end of each row.
  const [{ input }] = visits;
  for (let i = 2; i < input.data.length; i += 3) expect(input.data[i]).toBe(0);
  expect(input.data[0]).toBeCloseTo(x.data[0] - x.data[8], 6);
});

describe("forecast", () => {
  const lstms = Object.keys(forecasters).filter((name) => name.includes("LSTM"));

  it.each([24, 720])("gives LSTMs with mixtures the parameters of the LSTM, horizon %i", (horizon) => {
    const target = parametersOf(forecasters["LSTM 96"].build(7, horizon, 32));
    for (const name of lstms) {
      const parameters = parametersOf(forecasters[name].build(7, horizon, 32));
      expect(Math.abs(parameters / target - 1), `${name}: ${parameters} of ${target}`).toBeLessThanOrEqual(0.05 + 1e-9);
    }
  });

  it("runs every model, and shows forecasts, errors and components", async () => {
    const overTime = ["GMNM-LSTM over time 96", "LSTM weights over time 96"];
    const names = ["GMNM-LSTM cell 96", ...overTime, "NLinear 336", "GMNM forecaster 336"];
    const runs = await shortRuns("forecast", ["generated 24"], names);
    for (const { outcome } of runs) {
      expect(outcome.test).toBeGreaterThan(0);
      expect(outcome.measures?.["test MAE"]).toBeGreaterThan(0);
      expect(outcome.validation).toBeGreaterThan(0);
    }
    const plan = { ...experiments.forecast.plan("quick", undefined), tasks: ["generated 24"] };
    const sections = await experiments.forecast.figures(runs, plan);
    expect(sections.map(({ heading }) => heading)).toEqual([
      "Paired differences",
      "Forecasts, generated 24",
      "What is read of the hours before",
      "Components of the GMNM forecaster",
    ]);
    expect(sections[1].figures).toHaveLength(5);
    for (const name of overTime) expect(sections[2].figures?.[0].svg).toContain(name);
    expect(sections[2].text).toContain("Dead Gaussians of GMNM-LSTM over time 96, active at no time: 0 of 24.");
    expect(sections[3].text).toMatch(/^Dead Gaussians, .*: \d+ of 16\./);
    const diverged = runs.map((run) => ({ ...run, outcome: { ...run.outcome, test: Number.NaN } }));
    expect(await experiments.forecast.figures(diverged, plan)).toEqual([]);
  }, 120_000);

  const data = findData(undefined);
  it.skipIf(!data)(
    `NLinear on ETTh1 is within 0.01 of its published 0.374${data ? "" : ": needs ETTh1"}`,
    async () => {
      const setting: Setting = { learningRate: 0.001 };
      const more = { data, setting, steps: 1280 };
      const { test, measures } = await experiments.forecast.run(trial("forecast", "ETTh1 96", "NLinear 336", more));
      expect(Math.abs(test - 0.374)).toBeLessThan(0.01);
      expect(Math.abs(measures!["test MAE"] - 0.394)).toBeLessThan(0.01);
    },
    240_000,
  );

  it("plans generated data where there is none", () => {
    const { plan, generated } = experiments.forecast;
    expect(plan("full", undefined).tasks).toEqual([24, 48, 96, 168, 336, 720].map((h) => `generated ${h}`));
    expect(generated(undefined)).toBe(true);
  });
});

describe("attention", () => {
  it.each(["generated patches", "generated 96"])("gives every model the same parameters, %s", (task) => {
    const target = parametersOf(modelFor(task, "softmax + GELU", 48));
    for (const name of modelNames) {
      const parameters = parametersOf(modelFor(task, name, 48));
      expect(Math.abs(parameters / target - 1), `${name}: ${parameters} of ${target}`).toBeLessThanOrEqual(0.05 + 1e-9);
    }
  });

  it("runs on patches and on series, and shows where the heads look", async () => {
    const tasks = ["generated patches", "generated 96"];
    const runs = await shortRuns("attention", tasks, ["softmax + GELU", "Gaussian + GMNM"]);
    for (const { outcome } of runs) expect(outcome.test).toBeGreaterThan(0);
    const plan = { ...experiments.attention.plan("quick", undefined), tasks };
    const trainedFor = (epochs: number) =>
      runs.map((run) => {
        const x = Array.from({ length: epochs }, (_, i) => i + 1);
        return { ...run, outcome: { ...run.outcome, curve: { x, y: x.map((i) => 1 / i) } } };
      });
    const [, ...short] = await experiments.attention.figures(trainedFor(1), plan);
    for (const { figures } of short) expect(figures).toHaveLength(2);
    const [pairs, ...sections] = await experiments.attention.figures(trainedFor(2), plan);
    expect(pairs.table?.rows).toHaveLength(2);
    expect(sections.map(({ heading }) => heading)).toEqual(tasks);
    for (const { figures, text } of sections) {
      expect(figures).toHaveLength(3);
      expect(figures![1].svg.match(/<rect /g)!.length).toBeGreaterThan(8 * 48);
      expect(text).toMatch(/^Gaussian \+ GMNM: \d+ of \d+ and \d+ of \d+ Gaussians/);
    }
  }, 240_000);
});
