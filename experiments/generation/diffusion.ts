import type { numpy as np } from "@jax-js/jax";
import { compileFunction } from "../../src/compile/compile.ts";
import { type Diffusion, diffusion, sampleDiffusion } from "../../src/models/index.ts";
import type { Context, Params } from "../../src/nn/index.ts";
import { countParameters, type ParamTensors, readParams } from "../../src/params.ts";
import { Random } from "../../src/random.ts";
import { type Tensor, takeRows, tensor } from "../../src/tensor.ts";
import type { Outcome, Trial } from "../shared/experiment.ts";
import { curveOf } from "../shared/optimizer.ts";
import { judge } from "./classifier.ts";
import { imageSplits, PIXELS, trainingRows } from "./data.ts";
import { frechetDistance } from "./frechet.ts";
import { network } from "./networks.ts";
import { firstRows, millisecondsPerStep, rowsFor, rowsTested, trainOnImages } from "./steps.ts";

const TIME_FEATURES = 16;
const SAMPLING_STEPS = 50;
/** Rows at a time, of test images and of samples. */
const ROWS = 200;

/** A diffusion model whose network has about `size` parameters. */
export const denoiser = (model: string, size: number): Diffusion =>
  diffusion(PIXELS, { timeFeatures: TIME_FEATURES, network: network(model, PIXELS + TIME_FEATURES, PIXELS, size) });

/** Pixels in [0, 1] as a diffusion model takes them, in [−1, 1], and back. */
const centered = ({ data, shape }: Tensor): Tensor =>
  tensor(
    data.map((value) => 2 * value - 1),
    shape,
  );
const uncentered = ({ data, shape }: Tensor): Tensor =>
  tensor(
    data.map((value) => (value + 1) / 2),
    shape,
  );

/** Trains a diffusion model, measures its loss on test images, and compares what it makes up with them. */
export async function trainDiffusion(trial: Trial): Promise<Outcome> {
  const { model, size, seed, steps, data } = trial;
  const { train, validation, test: all } = imageSplits(data);
  const random = new Random(seed);
  const machine = denoiser(model, size);
  const rows = rowsFor(steps, train.count);
  const x = centered(trainingRows(train, rows, random).x);
  const sample = takeRows(
    x,
    Array.from({ length: Math.min(rows, 1024) }, (_, i) => i),
  );
  const objective = (p: Params, batch: Record<string, np.Array>, context: Context) =>
    machine.loss(p, batch.x, context).mean();
  const { params, history } = await trainOnImages(objective, readParams(machine.init(random, sample)), x, trial);
  const { features } = await judge(data);
  const test = firstRows(all.x, rowsTested(steps, all.x.shape[0]));
  const made = await diffusionSamples(machine, params, test.shape[0], seed);
  return {
    validation: await lossOn(machine, params, centered(validation.x)),
    test: await lossOn(machine, params, centered(test)),
    measures: { "Fréchet distance": frechetDistance(await features(test), await features(made)) },
    parameters: countParameters(params),
    msPerStep: millisecondsPerStep(history),
    curve: curveOf(history),
    params,
  };
}

/** Images made of noise: (count, 784), in [0, 1]. */
export const diffusionSamples = async (
  machine: Diffusion,
  params: ParamTensors,
  count: number,
  seed: number,
): Promise<Tensor> =>
  uncentered(
    await sampleDiffusion(machine, params, count, {
      random: new Random(1000 + seed),
      steps: SAMPLING_STEPS,
      batchSize: ROWS,
    }),
  );

/** The mean loss of rows (rows, 784), with the same times and noise for every model. */
async function lossOn(machine: Diffusion, params: ParamTensors, x: Tensor): Promise<number> {
  const random = new Random(7);
  const compiled = await compileFunction((p: Params, { rows, noise }: { rows: np.Array; noise: np.Array[] }) =>
    machine.loss(p, rows, { uniform: () => noise.shift()! }).mean(),
  );
  const uniform = (columns: number): Tensor =>
    tensor(
      Float32Array.from({ length: ROWS * columns }, () => random.uniform()),
      [ROWS, columns],
    );
  let sum = 0;
  const batches = Math.floor(x.shape[0] / ROWS);
  for (let i = 0; i < batches; i++) {
    const rows = takeRows(
      x,
      Array.from({ length: ROWS }, (_, j) => i * ROWS + j),
    );
    const { data } = (await compiled(params, {
      rows,
      noise: [uniform(PIXELS), uniform(PIXELS), uniform(1)],
    })) as Tensor;
    sum += data[0];
  }
  compiled.dispose();
  return sum / batches;
}
