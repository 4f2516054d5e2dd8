import { describe, expect, it } from "vitest";
import { compare } from "../../experiments/shared/compare.ts";
import type { Experiment, Plan, Trial } from "../../experiments/shared/experiment.ts";
import { formatDifference, reportPage, verdict } from "../../experiments/shared/report.ts";
import { experiment, outcome, plan } from "./fake.ts";

describe("compare", () => {
  it("gives every model its own best setting, the same number of trials, and a row with mean and spread", async () => {
    const trials: Trial[] = [];
    const run = async (trial: Trial) => {
      trials.push(trial);
      return outcome(trial);
    };
    const { rows, settings } = await compare(experiment, plan, { run, runAlone: experiment.run, report: () => {} });
    expect(settings["a / quick / 100 / adam"]).toEqual({ learningRate: 0.1 });
    expect(settings["b / slow / 100 / adam"]).toEqual({ learningRate: 0.01 });
    const count = (model: string) => trials.filter((trial) => trial.model === model).length;
    expect(count("quick")).toBe(count("slow"));
    const [row] = rows.filter(({ task, model, metric }) => task === "a" && model === "slow" && metric === "error");
    expect(row).toMatchObject({ optimizer: "adam", parameters: 100, msPerStep: 4, seeds: 3 });
    expect(row.mean).toBeCloseTo(0.002);
    expect(row.sd).toBeCloseTo(0.001);
  });

  it("gives a model whose steps take four times as long a quarter of the steps at equal time", async () => {
    const trials: Trial[] = [];
    const run = async (trial: Trial) => {
      trials.push(trial);
      return outcome(trial);
    };
    const { rows } = await compare(experiment, plan, { run, runAlone: experiment.run, report: () => {} });
    expect(trials.filter(({ model, steps }) => model === "slow" && steps === 250)).toHaveLength(6);
    expect(rows.filter(({ metric }) => metric === "error at equal time")).toHaveLength(4);
  });

  it("chooses by the mean over several trials of a setting, where the plan asks for them", async () => {
    // 0.1 is lucky with the first seed, 0.01 better on the whole.
    const lucky = async (trial: Trial) => ({
      ...outcome(trial),
      validation: trial.setting.learningRate === 0.01 ? 1 : [0.5, 2, 2][trial.seed],
    });
    const chosen = async (tuningSeeds?: number) => {
      const asked: Plan = { ...plan, tuningSeeds };
      const { settings } = await compare(experiment, asked, { run: lucky, runAlone: lucky, report: () => {} });
      return new Set(Object.values(settings).map(({ learningRate }) => learningRate));
    };
    expect(await chosen()).toEqual(new Set([0.1]));
    expect(await chosen(3)).toEqual(new Set([0.01]));
  });

  it("gives every other measure rows of its own", async () => {
    const measured = async (trial: Trial) => ({ ...outcome(trial), measures: { distance: 10 + trial.seed } });
    const { rows } = await compare(experiment, plan, { run: measured, runAlone: measured, report: () => {} });
    const distances = rows.filter(({ metric }) => metric === "distance");
    expect(distances.map(({ task, model }) => `${task} ${model}`)).toEqual(["a quick", "a slow", "b quick", "b slow"]);
    expect(distances[0]).toMatchObject({ mean: 11, sd: 1, seeds: 3, parameters: 100 });
  });

  it("passes over a setting that diverged", async () => {
    const diverging = async (trial: Trial) => ({
      ...outcome(trial),
      ...(trial.setting.learningRate === 0.1 && { validation: NaN }),
    });
    const { settings } = await compare(experiment, plan, { run: diverging, runAlone: diverging, report: () => {} });
    expect(Object.values(settings).every(({ learningRate }) => learningRate === 0.01)).toBe(true);
  });
});

describe("compare, where tasks differ", () => {
  const measured: Experiment = {
    ...experiment,
    has: ({ task, model }) => !(task === "b" && model === "slow"),
    run: async (trial) => ({
      ...outcome(trial),
      measures: { gap: trial.seed, ...(trial.model === "quick" && { dead: 5 }) },
    }),
  };
  const asked: Plan = {
    ...plan,
    equalTimeSize: undefined,
    exceptions: { b: { steps: 30, settings: [{ learningRate: 7 }] } },
  };

  it("leaves out what does not exist, takes exceptions, and makes tables of what else was measured", async () => {
    const trials: Trial[] = [];
    const run = async (trial: Trial) => {
      trials.push(trial);
      return measured.run(trial);
    };
    const { rows, settings } = await compare(measured, asked, { run, runAlone: measured.run, report: () => {} });
    expect(Object.keys(settings)).toEqual([
      "a / quick / 100 / adam",
      "a / slow / 100 / adam",
      "b / quick / 100 / adam",
    ]);
    expect(settings["b / quick / 100 / adam"]).toEqual({ learningRate: 7 });
    const steps = (task: string, purpose: Trial["purpose"]) =>
      new Set(trials.filter((trial) => trial.task === task && trial.purpose === purpose).map(({ steps }) => steps));
    expect(steps("a", "table")).toEqual(new Set([1000]));
    expect(steps("b", "table")).toEqual(new Set([30]));
    // Of two rates one is chosen in as many steps as the plan says; of one there is nothing to choose.
    expect(steps("a", "tuning")).toEqual(new Set([100]));
    expect(steps("b", "tuning")).toEqual(new Set());
    const of = (metric: string) =>
      rows.filter((row) => row.metric === metric).map(({ task, model }) => `${task} ${model}`);
    expect(of("gap")).toEqual(["a quick", "a slow", "b quick"]);
    expect(of("dead")).toEqual(["a quick", "b quick"]);
    expect(rows.find(({ metric }) => metric === "gap")).toMatchObject({ mean: 1, sd: 1, seeds: 3 });
  });

  it("takes the difference from the best model without mixtures, seed by seed", async () => {
    const errors: Record<string, number[]> = {
      GMNM: [1, 2, 4],
      "GMNM wide": [9, 9, 9],
      ReLU: [2, 3, 4],
      GELU: [5, 5, 5],
    };
    const run = async (trial: Trial) => ({ ...outcome(trial), test: errors[trial.model][trial.seed] });
    const models = Object.keys(errors);
    const given: Plan = { ...plan, tasks: ["a"], models, optimizers: ["lbfgs"], equalTimeSize: undefined };
    const { rows } = await compare(experiment, given, { run, runAlone: run, report: () => {} });
    const [ours] = rows;
    expect(ours.difference!.from).toBe("ReLU");
    expect(ours.difference!.mean).toBeCloseTo(-2 / 3);
    expect(ours.difference!.sd).toBeCloseTo(Math.sqrt(1 / 3));
    expect(rows.map(verdict)).toEqual(["level", "worse", undefined, undefined]);
    expect(formatDifference(ours)).toBe("−0.667 ± 0.58 from ReLU: level");
    expect(formatDifference(rows[2])).toBe("–");
    expect(verdict({ ...ours, difference: { from: "ReLU", mean: -0.7, sd: 0.1 } })).toBe("better");
    expect(verdict({ ...ours, seeds: 1 })).toBeUndefined();
    const page = reportPage(
      "Title",
      [{ experiment, plan: given, comparison: { rows, runs: [], settings: {} }, generated: false }],
      [[]],
    );
    expect(page).toContain("Seed by seed");
    expect(page).toContain("from ReLU: level");
  });
});
