// The mixture of Gaussians beside the linear forecasts: it learns what they miss, from the last times of each window. Our choice.

import type { Executor } from "../../compile/executor.ts";
import { type GmnmOptions, gmnm } from "../../nn/gmnm.ts";
import { adam } from "../../optim/adam.ts";
import { cosine } from "../../optim/schedules.ts";
import type { ParamTensors } from "../../params.ts";
import { type Tensor, tensor } from "../../tensor.ts";
import { fit, predict } from "../../train/index.ts";

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

/** The layer of one mixture, or of several in one. */
export const mixtureLayer = (choice: MixtureChoice, horizon: number, members = 1) =>
  gmnm(choice.lags, horizon, options({ ...choice, numComponents: choice.numComponents * members }));

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
export function mergeMixtures(all: readonly ParamTensors[], factor: number): ParamTensors {
  const members = all as readonly Numbers[];
  const share = factor / members.length;
  const mean = (name: "bias" | "skip"): Tensor => {
    const { shape } = members[0][name];
    const data = Float32Array.from(members[0][name].data, (_, i) =>
      members.reduce((sum, m) => sum + share * m[name].data[i], 0),
    );
    return tensor(data, shape);
  };
  const below = (name: "centers" | "weights", scale: number): Tensor => {
    const data = Float32Array.from(members.flatMap((m) => Array.from(m[name].data, (value) => value * scale)));
    const [rows, columns] = members[0][name].shape;
    return tensor(data, [rows * members.length, columns]);
  };
  const [d, r, m] = members[0].projections.shape;
  const beside = new Float32Array(d * r * m * members.length);
  for (let row = 0; row < d * r; row++)
    members.forEach(({ projections }, i) => {
      beside.set(projections.data.subarray(row * m, (row + 1) * m), (row * members.length + i) * m);
    });
  return {
    projections: tensor(beside, [d, r, m * members.length]),
    weights: below("weights", share),
    centers: below("centers", 1),
    bias: mean("bias"),
    skip: mean("skip"),
  };
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
