// Other forecasters under the same roof: NLinear, DLinear and an LSTM, trained by gradient descent, stopped by the end of the series.
import type { Executor } from "../../compile/executor.ts";
import type { ExampleDataset } from "../../data/index.ts";
import { decodeModel, encodeModel } from "../../io/model-file.ts";
import { dlinear } from "../../models/dlinear.ts";
import { lstmForecaster } from "../../models/lstm-forecaster.ts";
import { nlinear } from "../../models/nlinear.ts";
import type { AnyLayer } from "../../nn/layer.ts";
import { partOfSeries } from "../../nn/part-of-series.ts";
import { sequential } from "../../nn/sequential.ts";
import { adamw } from "../../optim/adam.ts";
import { cosine } from "../../optim/schedules.ts";
import { Random } from "../../random.ts";
import { earlyStopping, fit } from "../../train/index.ts";
import { evaluateAt } from "./evaluate.ts";
import { spread } from "./linear-map.ts";
import type { ForecasterName, ForecastPlan } from "./plan.ts";
import { rollingFolds } from "./rolling.ts";
import { windowsFrom } from "./series.ts";
import type { ForecastFit, Work } from "./work.ts";

const BATCH = 32;
/** The learning rates of docs/results.md's choosing. */
const RATES: Record<Exclude<ForecasterName, "gmnm">, number> = { nlinear: 0.003, dlinear: 0.003, lstm: 0.005 };

function layerOf({ model, lookback, horizon }: ForecastPlan, targets: readonly number[]): AnyLayer {
  const forecaster =
    model === "nlinear"
      ? nlinear(lookback, horizon)
      : model === "dlinear"
        ? dlinear(lookback, horizon)
        : lstmForecaster(targets.length, horizon);
  return sequential(partOfSeries({ columns: targets }), forecaster);
}

/** Trains a rival on all but the last origins, which say when to stop. */
export async function fitRival(work: Work): Promise<ForecastFit> {
  const { encoded, targets, plan, preprocessing, seed, unit, executor, series } = work;
  const layer = layerOf(plan, targets);
  const [fold] = rollingFolds(plan.rows, plan, 1);
  const held = spread(fold.rows, plan.rows - plan.horizon + 1, 256);
  const training = windowsOf(
    encoded,
    targets,
    plan,
    spread(plan.lookback, fold.rows - plan.horizon + 1, Number.POSITIVE_INFINITY),
  );
  const batchSize = Math.min(BATCH, training.rows);
  const epochs = Math.max(1, Math.round(plan.training.steps / Math.floor(training.rows / batchSize)));
  work.onProgress?.({ doing: `training ${plan.model}`, done: 0, of: 1 });
  const bytes = await unit("rival.safetensors", async () => {
    const { model } = await fit(layer, training, {
      epochs,
      batchSize,
      optimizer: adamw({ learningRate: cosine(RATES[plan.model as keyof typeof RATES]), clip: 1 }),
      validation: windowsOf(encoded, targets, plan, held),
      validateEvery: Math.ceil(epochs / 20),
      callbacks: [earlyStopping({ patience: epochs })],
      seed,
      executor,
      progress: false,
    });
    return encodeModel(model);
  });
  const model = { layer, params: decodeModel(bytes, { source: "rival" }).params };
  work.onProgress?.({ doing: "done", done: 1, of: 1 });
  const evaluation = await evaluateAt(model, preprocessing, series, fold.origins, executor);
  return { model, preprocessing, plan, validation: { ...evaluation, chosen: [] } };
}

/** Windows before some origins as a data set: x (n, lookback, columns), y (n, horizon, targets). */
function windowsOf(
  encoded: readonly Float64Array[],
  targets: readonly number[],
  { lookback, horizon }: ForecastPlan,
  origins: Uint32Array,
): ExampleDataset {
  const futures = targets.map((target) => encoded[target]);
  return {
    rows: origins.length,
    take: (rows) => {
      const at = Array.from(rows, (row) => origins[row]);
      return {
        x: windowsFrom(
          encoded,
          at.map((origin) => origin - lookback),
          lookback,
        ),
        y: windowsFrom(futures, at, horizon),
      };
    },
  };
}

/** How long a step takes, by a few on random numbers. */
export async function millisecondsPerRivalStep(
  plan: ForecastPlan,
  columns: number,
  executor?: Executor,
): Promise<number> {
  const random = new Random(0);
  const targets = Array.from({ length: columns }, (_, i) => i);
  const rows = Math.min(BATCH, plan.rows - plan.lookback - plan.horizon + 1);
  const data = { x: random.normal([rows, plan.lookback, columns]), y: random.normal([rows, plan.horizon, columns]) };
  const times: number[] = [];
  for (const epochs of [1, 20]) {
    const began = performance.now();
    await fit(layerOf(plan, targets), data, { epochs, seed: 0, executor, progress: false });
    times.push(performance.now() - began);
  }
  return Math.max(0.05, (times[1] - times[0]) / 19);
}
