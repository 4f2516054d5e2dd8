import { type MlpOptions, mlp } from "../../src/models/mlp.ts";
import { type AnyLayer, gaussianMixtureActivation, gmnm, linear, residual, sequential } from "../../src/nn/index.ts";
import { matchParameters } from "../shared/match-parameters.ts";

type Build = (ins: number, outs: number, width: number) => AnyLayer;

const perceptron =
  (nonlinearity: MlpOptions["nonlinearity"]): Build =>
  (ins, outs, width) =>
    mlp([ins, width, width, outs], { nonlinearity });

/** With a linear path from end to end, as the mixture has one: much of what takes noise away is linear. */
const residualPerceptron =
  (nonlinearity: MlpOptions["nonlinearity"]): Build =>
  (ins, outs, w) =>
    sequential(linear(ins, w), residual(mlp([w, w, w], { nonlinearity })), linear(w, outs));

/** Above so many inputs a mixture with its linear path would be all path: a linear map leads to it. */
const NARROW = 64;

/** One mixture from end to end where the inputs are few, as latent numbers are. */
const mixture: Build = (ins, outs, m) =>
  ins <= NARROW
    ? gmnm(ins, outs, { numComponents: m, rank: 4, weightScale: 1 })
    : sequential(linear(ins, m), gmnm(m, outs, { numComponents: m, rank: 1, weightScale: 1 }));

const builds: Record<string, Build> = {
  GMNM: mixture,
  "GMNM activation": perceptron(gaussianMixtureActivation),
  "GMNM activation residual": residualPerceptron(gaussianMixtureActivation),
  ReLU: perceptron("relu"),
  GELU: perceptron("gelu"),
  "GELU residual": residualPerceptron("gelu"),
};

const known = new Map<string, AnyLayer>();

/** A network of about so many parameters: a VAE's decoder, or what denoises. They differ in their nonlinearity. */
export function network(name: string, ins: number, outs: number, size: number): AnyLayer {
  const key = [name, ins, outs, size].join();
  // Finding the width makes every narrower network.
  const found = known.get(key) ?? matchParameters(size, (width) => builds[name](ins, outs, width));
  known.set(key, found);
  return found;
}

export const networkNames = Object.keys(builds);
