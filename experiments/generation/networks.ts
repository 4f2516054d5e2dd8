import { type MlpOptions, mlp } from "../../src/models/mlp.ts";
import { type AnyLayer, gaussianMixtureActivation, gmnm } from "../../src/nn/index.ts";
import { matchParameters } from "../shared/match-parameters.ts";

type Build = (ins: number, outs: number, width: number) => AnyLayer;

const perceptron =
  (nonlinearity: MlpOptions["nonlinearity"]): Build =>
  (ins, outs, width) =>
    mlp([ins, width, width, outs], { nonlinearity });

export const builds: Record<string, Build> = {
  GMNM: (ins, outs, m) => gmnm(ins, outs, { numComponents: m, rank: 4, weightScale: 1 }),
  "GMNM activation": perceptron(gaussianMixtureActivation),
  ReLU: perceptron("relu"),
  GELU: perceptron("gelu"),
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
