import type { Model } from "../../src/model.ts";
import { type AnyLayer, gmnm } from "../../src/nn/index.ts";
import { countParameters, type ParamTensors } from "../../src/params.ts";
import { Random } from "../../src/random.ts";
import type { Tensor } from "../../src/tensor.ts";
import { initialParams } from "../../src/train/fit.ts";
import { type EpochRecord, earlyStopping, evaluate, fit, prune, relativeRmse } from "../../src/train/index.ts";
import type { Experiment, Plan, Trial } from "../shared/experiment.ts";
import { matchParameters } from "../shared/match-parameters.ts";
import { curveOf, firstOrder, msPerStep } from "../shared/optimizer.ts";
import { hasTables, tableNames } from "../tabular/data.ts";
import { type Parts, partsOf } from "./data.ts";
import { componentFigures } from "./figures.ts";

type Trained = { model: Model; history: EpochRecord[] };
/** Trains one of the models of the comparison for so many steps in all. */
type Recipe = (trial: Trial, parts: Parts) => Promise<Trained>;

/** A mixture of about so many parameters: of full rank for coordinates, of rank 4 for a table. */
export const mixture = (d: number, size: number): AnyLayer =>
  matchParameters(size, (m) => gmnm(d, 1, { numComponents: m, rank: 4 }));

/** When dead components are moved: early, while there is time left to train them. */
const RESEED_AT = [0.02, 0.05, 0.1, 0.2];
/** The share of steps before half the components are dropped; the rest trains what is left. */
const BEFORE_PRUNING = 2 / 3;

export const models: Record<string, Recipe> = {
  GMNM: (trial, parts) => train(trial, parts, { start: startOf(trial, parts) }),
  "GMNM, started far off": (trial, parts) => train(trial, parts, { start: farOff(startOf(trial, parts)) }),
  "GMNM, started far off, re-seeded": (trial, parts) =>
    train(trial, parts, { start: farOff(startOf(trial, parts)), reseed: true }),
  "GMNM, half pruned at the end": async (trial, parts) => {
    const trained = await train(trial, parts, { start: startOf(trial, parts) });
    return { ...trained, model: (await prune(trained.model, parts.train, { keep: 0.5 })).model };
  },
  "GMNM, half pruned on the way": async (trial, parts) => {
    const before = Math.round(BEFORE_PRUNING * trial.steps);
    const first = await train(trial, parts, { start: startOf(trial, parts), steps: before });
    const { model } = await prune(first.model, parts.train, { keep: 0.5 });
    const { model: trained, history } = await train(trial, parts, { start: model, steps: trial.steps - before });
    const moved = history.map((record) => ({ ...record, step: record.step + before }));
    return { model: trained, history: [...first.history, ...moved] };
  },
  "GMNM of half the size": (trial, parts) => {
    const half = { ...trial, size: trial.size / 2 };
    return train(half, parts, { start: startOf(half, parts) });
  },
};

function startOf({ size, seed }: Trial, { train: { x } }: Parts): Model {
  const layer = mixture(x.shape[1], size);
  return { layer, params: initialParams(layer, new Random(seed), x) };
}

/** Three of four centres 50 away from the data, along every feature: none of their Gaussians reaches a row. */
function farOff({ layer, params }: Model): Model {
  const { centers, ...others } = params as Record<string, Tensor>;
  const d = centers.shape[1];
  const data = centers.data.map((value, i) => (Math.floor(i / d) % 4 === 0 ? value : value + 50));
  return { layer, params: { ...others, centers: { ...centers, data } } as ParamTensors };
}

async function train(
  { setting, seed, steps: all }: Trial,
  parts: Parts,
  { start, reseed = false, steps = all }: { start: Model; reseed?: boolean; steps?: number },
): Promise<Trained> {
  return fit(start, parts.train, {
    optimizer: firstOrder(setting),
    epochs: steps,
    batchSize: parts.train.x.shape[0],
    seed,
    progress: false,
    validation: parts.validation,
    validateEvery: 5,
    // Never stops early, only keeps the best epoch: all models train equally long.
    callbacks: [earlyStopping({ patience: steps })],
    reseedAfter: reseed ? RESEED_AT.map((share) => Math.max(1, Math.round(share * steps))) : [],
  });
}

const common = { models: Object.keys(models), sizes: [800], optimizers: ["adam"] };
const plans = {
  quick: { ...common, settings: [0.01, 0.03].map((learningRate) => ({ learningRate, weightDecay: 0.03 })), seeds: 2, steps: 400, tuningSteps: 80 },
  full: { ...common, settings: [0.01, 0.03, 0.1].map((learningRate) => ({ learningRate, weightDecay: 0.03 })), seeds: 5, steps: 2000, tuningSteps: 1000, tuningSeeds: 2 },
} satisfies Record<string, Omit<Plan, "tasks">>; // biome-ignore format: two lines

/** What becomes of dead components, and of those that hardly take part. */
export const components: Experiment = {
  name: "components",
  title: "Dead components and superfluous ones",
  intro: `A Gaussian that no row activates gets no gradient: it stays where it is. Here three of four centres of a mixture start 50 away from all rows, and are left there, or moved to the rows with the largest errors after 2, 5, 10 and 20 % of the steps (re-seeding). And what of a trained mixture can be dropped: half of its components, those with the smallest |π| · mean activation, go at the end, with the weights of the others fitted anew, or after two thirds of the steps with the rest to recover, beside a mixture that had half the size from the start.

Franke's function by 1000 points, and a table of about a thousand rows: UCI concrete where the files are at hand, else Friedman's generated table #1. All choose among the same learning rates, train with AdamW on the full batch for the same number of steps, and keep the epoch that does best on held-out rows. The error is the relative RMSE on test rows: the root mean square error over the standard deviation of their targets.`,
  metric: "relative RMSE",
  generated: (data) => !hasTables(data),
  kindOf: (task) => task,
  plan: (scale, data) => ({ ...plans[scale], tasks: ["franke", tableNames(data)[0]] }),
  async run(trial) {
    const parts = partsOf(trial.task, trial.seed, trial.data);
    const { model, history } = await models[trial.model](trial, parts);
    const metrics = { relativeRmse };
    return {
      validation: (await evaluate(model, parts.validation, { metrics })).relativeRmse,
      test: (await evaluate(model, parts.test, { metrics })).relativeRmse,
      parameters: countParameters(model.params),
      msPerStep: msPerStep(history),
      curve: curveOf(history),
      params: model.params,
    };
  },
  figures: componentFigures,
};
