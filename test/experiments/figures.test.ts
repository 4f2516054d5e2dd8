import { describe, expect, it } from "vitest";
import { experiments } from "../../experiments/index.ts";
import type { Run, Trial } from "../../experiments/shared/experiment.ts";

const trial = (experiment: string, task: string, model: string): Trial => ({
  experiment,
  task,
  model,
  size: 450,
  optimizer: experiments[experiment].plan("quick", undefined).optimizers[0],
  setting: { learningRate: 0.01 },
  seed: 0,
  steps: 5,
});

/** A plan and runs of a few steps each. */
async function shortRuns(name: string, task: string, models: string[]): Promise<Run[]> {
  const trials = models.map((model) => trial(name, task, model));
  return Promise.all(trials.map(async (one) => ({ trial: one, outcome: await experiments[name].run(one) })));
}

describe.each([
  ["functions", "franke", "KAN"],
  ["poisson", "poisson", "PINN tanh"],
])("figures of %s", (name, task, rival) => {
  const plan = { ...experiments[name].plan("quick", undefined), tasks: [task], sizes: [450] };
  const captions = async (runs: Run[]) =>
    (await experiments[name].figures(runs, plan)).flatMap(({ figures = [] }) => figures.map(({ caption }) => caption));

  it("show the mixture, the errors and the losses", async () => {
    const shown = await captions(await shortRuns(name, task, ["GMNM", rival]));
    expect(shown).toHaveLength(3);
    expect(shown[0]).toMatch(/^GMNM/);
  });

  it("do without the mixture where it was not run", async () => {
    expect(await captions(await shortRuns(name, task, [rival]))).toHaveLength(2);
  });

  it("leave out what diverged", async () => {
    const [run] = await shortRuns(name, task, [rival]);
    expect(await captions([{ ...run, outcome: { ...run.outcome, test: NaN, params: [] } }])).toEqual([]);
  });
});
