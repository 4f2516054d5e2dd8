// An experiment without any training, to test what compares models.
import type { Experiment, Outcome, Plan, Trial } from "../../experiments/shared/experiment.ts";

/** A model's error is its learning rate's distance from its favourite, plus a little per seed; slower models take more time. */
const favourites: Record<string, number> = { quick: 0.1, slow: 0.01 };
export const outcome = ({ model, setting, seed, steps }: Trial): Outcome => ({
  validation: Math.abs(setting.learningRate - favourites[model]),
  test: Math.abs(setting.learningRate - favourites[model]) + 0.001 * seed + 1 / steps,
  parameters: 100,
  msPerStep: model === "slow" ? 4 : 1,
  curve: { x: [0], y: [1] },
  params: [],
});
export const experiment: Experiment = {
  name: "fake",
  title: "Fake",
  intro: "None.",
  metric: "error",
  generated: () => true,
  kindOf: () => "one",
  plan: () => plan,
  run: async (trial) => outcome(trial),
  figures: async () => [],
};
export const plan: Plan = {
  tasks: ["a", "b"],
  models: ["quick", "slow"],
  sizes: [100],
  optimizers: ["adam"],
  settings: [{ learningRate: 0.1 }, { learningRate: 0.01 }],
  seeds: 3,
  steps: 1000,
  tuningSteps: 100,
  equalTimeSize: 100,
};
