// The mixture of Gaussians beside the linear forecasts: it learns what they miss, from the last times of each window. Our choice.
import type { Executor } from "../../compile/executor.ts";
import type { Model } from "../../model.ts";
import { mergeMixtures } from "../../models/merge-mixtures.ts";
import { type GmnmOptions, gmnm } from "../../nn/gmnm.ts";
import { adam } from "../../optim/adam.ts";
import { cosine } from "../../optim/schedules.ts";
import type { ParamTensors } from "../../params.ts";
import { type Tensor, tensor } from "../../tensor.ts";
import { fit, predict } from "../../train/index.ts";
import { scale } from "../combine.ts";

/** What a mixture looks at: how many of the last times, as they are or relative to the last one; and how many Gaussians it has. */
export type MixtureChoice = { lags: number; relative: boolean; numComponents: number };

/** Rows of lags and of what linear forecasts missed, on scales of their own. */
export type Residuals = { x: Tensor; y: Tensor };
/** By what x and y were divided. */
export type Scales = { x: number; y: number };

type Numbers = Record<"centers" | "projections" | "weights" | "bias" | "skip", Tensor>;

/** Up to this many lags they are coordinates of a state, as of a chaotic map: Gaussians of any shape. More are features. */
const MAX_COORDINATES = 4;

const options = ({ lags, numComponents }: MixtureChoice): GmnmOptions => ({
  numComponents,
  ...(lags <= MAX_COORDINATES ? { covariance: "full" } : { covariance: "lowRank", rank: 2 }),
  skip: true,
  initializer: "sampled",
});

/** The layer of one mixture. */
export const mixtureLayer = (choice: MixtureChoice, horizon: number) => gmnm(choice.lags, horizon, options(choice));

/** Lags (origins · columns, lags) of several columns before the given origins. */
export function lagsBefore(
  columns: readonly Float64Array[],
  origins: ArrayLike<number>,
  { lags, relative }: MixtureChoice,
): Tensor {
  const data = new Float32Array(columns.length * origins.length * lags);
  let at = 0;
  for (const values of columns) {
    for (let i = 0; i < origins.length; i++) {
      const last = relative ? values[origins[i] - 1] : 0;
      for (let k = 0; k < lags; k++) data[at++] = values[origins[i] - lags + k] - last;
    }
  }
  return { data, shape: [columns.length * origins.length, lags] };
}

const rootMeanSquare = (data: Float32Array): number => {
  let sum = 0;
  for (const value of data) sum += value * value;
  return Math.sqrt(sum / data.length) || 1;
};
const dividedBy = ({ data, shape }: Tensor, scale: number): Tensor =>
  tensor(
    data.map((value) => value / scale),
    shape,
  );

/** The scales on which both are of size 1. */
export const scalesOf = ({ x, y }: Residuals): Scales => ({ x: rootMeanSquare(x.data), y: rootMeanSquare(y.data) });

const BATCH = 256;

/**
 * Trains one mixture on residuals, for so many steps.
 *
 * @returns its numbers in the residuals' own scale.
 */
export async function trainMixture(
  choice: MixtureChoice,
  residuals: Residuals,
  { steps, seed, scales, executor }: { steps: number; seed: number; scales: Scales; executor?: Executor },
): Promise<ParamTensors> {
  const data = { x: dividedBy(residuals.x, scales.x), y: dividedBy(residuals.y, scales.y) };
  const rows = data.x.shape[0];
  const batchSize = Math.min(BATCH, rows);
  const { model } = await fit(mixtureLayer(choice, data.y.shape[1]), data, {
    epochs: Math.max(1, Math.round(steps / Math.floor(rows / batchSize))),
    batchSize,
    optimizer: adam({ learningRate: cosine(0.01), beta2: 0.99, clip: 1 }),
    seed,
    executor,
    progress: false,
  });
  return unscaled(model.params as Numbers, scales);
}

/** The same function of x and y that were not divided: P (x / s − μ) is (P / s) (x − s μ). */
function unscaled({ centers, projections, weights, bias, skip }: Numbers, scales: Scales): Numbers {
  return {
    projections: dividedBy(projections, scales.x),
    weights: dividedBy(weights, 1 / scales.y),
    centers: dividedBy(centers, 1 / scales.x),
    bias: dividedBy(bias, 1 / scales.y),
    skip: dividedBy(skip, scales.x / scales.y),
  };
}

/** The mean of mixtures of one form, times a factor: a mixture with all their Gaussians. */
export function meanMixture(
  choice: MixtureChoice,
  members: readonly ParamTensors[],
  factor: number,
  horizon: number,
): Model {
  const layer = mixtureLayer(choice, horizon);
  return scale(mergeMixtures(members.map((params) => ({ layer, params }))), factor);
}

/** What a mixture adds to the forecasts, in the order of {@link lagsBefore}: (origins · columns, horizon). */
export async function corrections(
  choice: MixtureChoice,
  params: ParamTensors,
  x: Tensor,
  horizon: number,
  executor?: Executor,
): Promise<Tensor> {
  return predict({ layer: mixtureLayer(choice, horizon), params }, x, { executor });
}
