import { standardScaler } from "../../src/data/scaling.ts";
import { leastSquares } from "../../src/least-squares.ts";
import { mlp } from "../../src/models/mlp.ts";
import { type AnyLayer, additiveGmnm, fastKan, gmnm, kan, linear, rbf, sequential } from "../../src/nn/index.ts";
import { countParameters } from "../../src/params.ts";
import { type Tensor, takeRows, tensor } from "../../src/tensor.ts";
import { earlyStopping, fit, predict, rmse } from "../../src/train/index.ts";
import { gridUpdates } from "../functions/experiment.ts";
import type { Experiment, Outcome, Plan, Trial } from "../shared/experiment.ts";
import { matchParameters } from "../shared/match-parameters.ts";
import { curveOf, firstOrder, msPerStep } from "../shared/optimizer.ts";
import { hasTables, readTable, tableNames } from "./data.ts";
import { tabularFigures } from "./figures.ts";

export const models: Record<string, (d: number, size: number) => AnyLayer> = {
  GMNM: (d, size) => matchParameters(size, (m) => gmnm(d, 1, { numComponents: m, rank: 4, covariance: "lowRank" })),
  "GMNM, full rank": (d, size) =>
    matchParameters(size, (m) => gmnm(d, 1, { numComponents: m, covariance: "full", skip: true })),
  "GMNM, diagonal": (d, size) =>
    matchParameters(size, (m) => gmnm(d, 1, { numComponents: m, covariance: "diagonal", skip: true })),
  "GMNM, additive": (d, size) => matchParameters(size, (h) => sequential(additiveGmnm(d, h), additiveGmnm(h, 1))),
  "MLP ReLU": (d, size) => matchParameters(size, (w) => mlp([d, w, 1], { nonlinearity: "relu" })),
  "MLP SiLU": (d, size) => matchParameters(size, (w) => mlp([d, w, w, 1], { nonlinearity: "silu" })),
  KAN: (d, size) => matchParameters(size, (h) => sequential(kan(d, h), kan(h, 1))),
  FastKAN: (d, size) => matchParameters(size, (h) => sequential(fastKan(d, h), fastKan(h, 1))),
  RBF: (d, size) => matchParameters(size, (m) => rbf(d, 1, { numComponents: m })),
  Linear: (d) => linear(d, 1),
};

const quickSettings = [0.01, 0.03, 0.1].map((learningRate) => ({ learningRate, weightDecay: 0.01 }));
const fullSettings = [0.03, 0.1, 0.3].flatMap((weightDecay) =>
  [0.01, 0.03, 0.1].map((learningRate) => ({ learningRate, weightDecay })),
);
const common = { sizes: [2000], optimizers: ["adam"] };
const plans = {
  quick: {
    ...common,
    models: ["GMNM", "GMNM, additive", "MLP ReLU", "MLP SiLU", "KAN", "FastKAN", "RBF", "Linear"],
    settings: quickSettings,
    seeds: 2,
    steps: 200,
    tuningSteps: 60,
  },
  full: {
    ...common,
    models: Object.keys(models),
    settings: fullSettings,
    seeds: 5,
    steps: 2000,
    tuningSteps: 2000,
    tuningSeeds: 2,
  },
} satisfies Record<string, Omit<Plan, "tasks">>;

/** Regression on small tables. */
export const tabular: Experiment = {
  name: "tabular",
  title: "Small tables",
  intro: `Regression on tables of about a thousand rows. Where the files are at hand: the UCI concrete (compressive strength in MPa) and energy (heating load in kWh/m²) tables with their given 90/10 splits; else Friedman's generated tables #1 and #2.

All models have the same number of parameters within 5 % (but for the linear one), choose among the same learning rates and weight decays by the validation error on the first split or, with --full, the first two, train with AdamW on the full batch, and keep the epoch that does best on a tenth of the training rows. Features and target are standardised with the training rows. The error is the test RMSE in the target's unit; a seed is a split.`,
  metric: "test RMSE",
  generated: (data) => !hasTables(data),
  kindOf: (task) => task,
  plan: (scale, data) => ({ ...plans[scale], tasks: tableNames(data) }),
  async run(trial) {
    const table = readTable(trial.task, trial.data);
    const split = table.splits[trial.seed % table.splits.length];
    const d = table.features[0].length;
    const all = {
      x: tensor(table.features.flat(), [table.features.length, d]),
      y: tensor(table.target, [table.target.length, 1]),
    };
    const train = { x: takeRows(all.x, split.train), y: takeRows(all.y, split.train) };
    const test = { x: takeRows(all.x, split.test), y: takeRows(all.y, split.test) };
    const scaleX = standardScaler(train.x);
    const scaleY = standardScaler(train.y);
    const scaled = { x: scaleX.apply(train.x), y: scaleY.apply(train.y) };
    const layer = models[trial.model](d, trial.size);
    const trained = trial.model === "Linear" ? solveLinear(scaled) : await trainBySteps(trial, layer, scaled);
    const prediction = await predict({ layer, params: trained.params }, scaleX.apply(test.x));
    return { ...trained, test: rmse(scaleY.invert(prediction), test.y), parameters: countParameters(trained.params) };
  },
  figures: tabularFigures,
};

type Trained = Omit<Outcome, "test" | "parameters">;

async function trainBySteps(
  { setting, steps, seed }: Trial,
  layer: AnyLayer,
  data: { x: Tensor; y: Tensor },
): Promise<Trained> {
  const { model, history } = await fit(layer, data, {
    optimizer: firstOrder(setting),
    epochs: steps,
    seed,
    progress: false,
    validation: 0.1,
    validateEvery: 5,
    // Never stops early, only keeps the best epoch: all models train equally long.
    callbacks: [earlyStopping({ patience: steps })],
    adaptAfter: gridUpdates(steps),
  });
  const validation = Math.min(...history.map(({ validationLoss = Infinity }) => validationLoss));
  return { validation, params: model.params, msPerStep: msPerStep(history), curve: curveOf(history) };
}

/** The linear model needs no steps: its least squares have a solution. */
function solveLinear({ x, y }: { x: Tensor; y: Tensor }): Trained {
  const [rows, d] = x.shape;
  const design = Float64Array.from({ length: rows * (d + 1) }, (_, i) =>
    i % (d + 1) < d ? x.data[Math.floor(i / (d + 1)) * d + (i % (d + 1))] : 1,
  );
  const solution = leastSquares(design, y.data, rows, { ridge: 1e-6 });
  const params = { weights: tensor(solution.subarray(0, d), [d, 1]), bias: tensor(solution.subarray(d), [1]) };
  return { validation: 0, params, msPerStep: 0, curve: { x: [0], y: [0] } };
}
