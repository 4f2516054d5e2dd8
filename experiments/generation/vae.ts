import type { numpy as np } from "@jax-js/jax";
import { compileFunction } from "../../src/compile/compile.ts";
import { evaluateElbo, type Vae, type VaeParams, vae } from "../../src/models/index.ts";
import type { Context, Params } from "../../src/nn/index.ts";
import { countParameters, type ParamTensors, readParams } from "../../src/params.ts";
import { Random } from "../../src/random.ts";
import { type Tensor, takeRows } from "../../src/tensor.ts";
import { predict } from "../../src/train/index.ts";
import type { Outcome, Trial } from "../shared/experiment.ts";
import { curveOf } from "../shared/optimizer.ts";
import { judge } from "./classifier.ts";
import { imageSplits, PIXELS, trainingRows } from "./data.ts";
import { frechetDistance } from "./frechet.ts";
import { network } from "./networks.ts";
import { firstRows, millisecondsPerStep, rowsFor, rowsTested, trainOnImages } from "./steps.ts";

const LATENT = 16;
/** The encoder is the same for every decoder. */
const ENCODER = { hidden: [200], nonlinearity: "relu" } as const;
/** Draws of z per image in the bound that is reported. */
const DRAWS = 10;

/** The autoencoder whose decoder is a network of about `size` parameters. */
export const autoencoder = (model: string, size: number): Vae =>
  vae(PIXELS, { latentSize: LATENT, ...ENCODER, decoder: network(model, LATENT, PIXELS, size) });

/** Trains a VAE, measures its bound on test images, and compares what it makes up with them. */
export async function trainVae(trial: Trial): Promise<Outcome> {
  const { model, size, seed, steps, data } = trial;
  const { train, validation, test: all } = imageSplits(data);
  const random = new Random(seed);
  const machine = autoencoder(model, size);
  const rows = rowsFor(steps, train.count);
  const { x } = trainingRows(train, rows, random);
  const start = readParams(machine.init(random) as Params);
  const objective = (p: Params, batch: Record<string, np.Array>, context: Context) =>
    machine
      .elbo(p as VaeParams, batch.x, context)
      .mean()
      .neg();
  const { params, history } = await trainOnImages(objective, start, x, trial);
  const { features } = await judge(data);
  const test = firstRows(all.x, rowsTested(steps, all.x.shape[0]));
  const made = await samplesOf(machine, params, test.shape[0], seed);
  return {
    validation: -(await evaluateElbo(machine, params, validation.x, { samples: 2 })),
    test: -(await evaluateElbo(machine, params, test, { samples: DRAWS, seed })),
    measures: { "Fréchet distance": frechetDistance(await features(test), await features(made)) },
    parameters: countParameters((params as Record<string, ParamTensors>).decoder),
    msPerStep: millisecondsPerStep(history),
    curve: curveOf(history),
    params,
  };
}

/** Images that the decoder makes of z from N(0, 1): the means of their pixels, (count, 784). */
export async function samplesOf({ decoder }: Vae, params: ParamTensors, count: number, seed: number): Promise<Tensor> {
  const z = new Random(1000 + seed).normal([count, LATENT]);
  const logits = await predict({ layer: decoder, params: (params as Record<string, ParamTensors>).decoder }, z);
  return { data: logits.data.map((l) => 1 / (1 + Math.exp(-l))), shape: [count, PIXELS] };
}

/** Test images as the autoencoder gives them back. */
export async function reconstructionsOf(machine: Vae, params: ParamTensors, x: Tensor): Promise<Tensor> {
  const compiled = await compileFunction((p: Params, rows: np.Array) => machine.reconstruct(p as VaeParams, rows));
  const made = (await compiled(
    params,
    takeRows(
      x,
      Array.from({ length: x.shape[0] }, (_, i) => i),
    ),
  )) as Tensor;
  compiled.dispose();
  return made;
}
