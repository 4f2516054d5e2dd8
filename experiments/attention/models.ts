import { mlp, patchTransformer } from "../../src/models/index.ts";
import {
  type AnyLayer,
  aroundLastValue,
  gaussianAttention,
  gmnm,
  multiHeadAttention,
  sequential,
  unflatten,
} from "../../src/nn/index.ts";
import { countParameters } from "../../src/params.ts";
import { Random } from "../../src/random.ts";
import { initialParams } from "../../src/train/fit.ts";
import { matchParameters } from "../shared/match-parameters.ts";
import { HORIZON, isImages, LOOKBACK } from "./data.ts";

type Parts = {
  attention: (features: number) => AnyLayer;
  /** A feed-forward layer with so many hidden units or Gaussians. */
  feedForward: (features: number, hidden: number) => AnyLayer;
};

const activated =
  (nonlinearity: "gelu" | "relu") =>
  (features: number, hidden: number): AnyLayer =>
    mlp([features, hidden, features], { nonlinearity });

/**
 * Ridges of rank one, one projection each, as narrow and as strong as it takes to be as far from linear as GELU is; see the ablation in
 * README.md.
 */
const ridges = (features: number, numComponents: number): AnyLayer =>
  gmnm(features, features, {
    numComponents,
    covariance: "lowRank",
    rank: 1,
    centers: "projected",
    width: 0.4,
    weightScale: 2,
  });

const models: Record<string, Parts> = {
  "softmax + GELU": { attention: multiHeadAttention, feedForward: activated("gelu") },
  "softmax + ReLU": { attention: multiHeadAttention, feedForward: activated("relu") },
  "Gaussian + GELU": { attention: gaussianAttention, feedForward: activated("gelu") },
  "softmax + GMNM": { attention: multiHeadAttention, feedForward: ridges },
  "Gaussian + GMNM": { attention: gaussianAttention, feedForward: ridges },
};

export const modelNames = Object.keys(models);

const CHANNELS = 7;
/** 49 patches of an image, and 14 of a series, each a day long. */
const [IMAGE_PATCH, SERIES_PATCH] = [4, 24];

function build(task: string, { attention, feedForward }: Parts, width: number, hidden: number): AnyLayer {
  const parts = { width, attention, feedForward: (features: number) => feedForward(features, hidden) };
  if (isImages(task)) return patchTransformer([28, 28, 1], 10, { ...parts, patchSize: IMAGE_PATCH });
  const transformer = patchTransformer([LOOKBACK, CHANNELS], HORIZON * CHANNELS, { ...parts, patchSize: SERIES_PATCH });
  return aroundLastValue(sequential(transformer, unflatten([HORIZON, CHANNELS])));
}

/** The model for a task; its feed-forward layers are as wide as it takes to have the parameters of softmax + GELU, within 5 %. */
export function modelFor(task: string, name: string, width: number): AnyLayer {
  const baseline = build(task, models["softmax + GELU"], width, 2 * width);
  const target = countParameters(initialParams(baseline, new Random(0)));
  return matchParameters(target, (hidden) => build(task, models[name], width, hidden), width);
}
