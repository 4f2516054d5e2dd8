import { windows } from "../../src/data/index.ts";
import { countParameters } from "../../src/params.ts";
import { evaluate, meanAbsoluteError, meanSquaredError, mse } from "../../src/train/index.ts";
import type { Experiment, Plan } from "../shared/experiment.ts";
import { fewIfTimed, trainOnBatches } from "../shared/mini-batches.ts";
import { hasSeries, readSplits, seriesName } from "./data.ts";
import { forecastFigures } from "./figures.ts";
import { models } from "./models.ts";

const common = { optimizers: ["adam"], models: Object.keys(models) };
const plans = {
  quick: {
    ...common,
    horizons: [96],
    sizes: [32],
    // One, for time: there is nothing to choose.
    settings: [{ learningRate: 0.005 }],
    seeds: 2,
    steps: 256,
    tuningSteps: 256,
  },
  full: {
    ...common,
    horizons: [24, 48, 96, 168, 336, 720],
    sizes: [64],
    settings: [{ learningRate: 0.001 }, { learningRate: 0.005 }],
    seeds: 5,
    steps: 1280,
    tuningSteps: 1280,
  },
} satisfies Record<string, Omit<Plan, "tasks"> & { horizons: number[] }>;

/** The batch size of NLinear's own code. */
const BATCH = 32;

/** The horizon of a task such as "ETTh1 96". */
export const horizonOf = (task: string): number => Number(task.split(" ")[1]);

/** Long-term forecasting of a multivariate series. */
export const forecast: Experiment = {
  name: "forecast",
  title: "Forecasting",
  intro: `All columns of a series are forecast together, from the rows before. Where the file is at hand the series is ETTh1 (hours; 12 months to train, 4 to choose by, 4 to test), else a generated one. Columns are scaled by their mean and standard deviation over the training part, and errors are in these units, the mean over all columns, all times of the horizon and all test windows. (The code of arXiv:2205.13504 leaves out the windows that do not fill a last batch; here none is left out.) The number behind a task's name is the horizon in hours.

The number behind a model's name is its lookback. LSTMs read 96 hours, linear forecasters 336, as published; the GMNM forecaster is NLinear with a mixture of Gaussians beside its linear map, and reads what NLinear reads. An LSTM forecasts from its last state; "over time" from all states, which a mixture of Gaussians of the time weighs for each feature. Two rivals read all states without Gaussians, by attention or by a free weight for each feature and hour. All but DLinear see the series relative to its last value. The LSTMs have the same number of parameters within 5 %; the linear forecasters have as many as their matrices, and the mixture adds some to NLinear's.

All choose among the same learning rates by the validation error, train for the same number of steps of ${BATCH} windows with AdamW and a cosine schedule, and keep the epoch that does best on the validation part.`,
  metric: "test MSE",
  generated: (data) => !hasSeries(data),
  kindOf: (task) => task,
  plan(scale, data) {
    const { horizons, ...plan } = plans[scale];
    return { ...plan, tasks: horizons.map((horizon) => `${seriesName(data)} ${horizon}`) };
  },
  async run(trial) {
    const { lookback, build } = models[trial.model];
    const horizon = horizonOf(trial.task);
    const splits = readSplits(trial.task.startsWith("generated") ? undefined : trial.data, lookback);
    const cut = (part: "train" | "validation" | "test") => windows(splits[part], { lookback, horizon });
    const layer = build(splits.train.columns.length, horizon, trial.size);
    const trained = await trainOnBatches(trial, layer, {
      batchSize: BATCH,
      loss: mse,
      train: cut("train"),
      validation: fewIfTimed(trial, cut("validation")),
    });
    const model = { layer, params: trained.params };
    const metrics = { mse: meanSquaredError, mae: meanAbsoluteError };
    const test = await evaluate(model, fewIfTimed(trial, cut("test")), { metrics });
    return {
      ...trained,
      test: test.mse,
      measures: { "test MAE": test.mae },
      parameters: countParameters(trained.params),
    };
  },
  figures: forecastFigures,
};
