// Layers of the last axis, whatever stands before it.
import { numpy as np } from "@jax-js/jax";
import { mlp } from "../../../src/models/mlp.ts";
import { activation, activationNames } from "../../../src/nn/elementwise.ts";
import {
  additiveGmnm,
  dropout,
  ensemble,
  fastKan,
  gaussianMixtureActivation,
  gmnm,
  kan,
  layerNorm,
  linear,
  rbf,
  residual,
  sequential,
  unflatten,
} from "../../../src/nn/index.ts";
import type { LayerCase } from "./case.ts";

const covariances = ["full", "lowRank", "diagonal", "isotropic"] as const;

const gmnmCases = covariances.flatMap((covariance) =>
  (["norm", "sum"] as const).flatMap((aggregate) =>
    (["explicit", "projected"] as const).flatMap((centers) =>
      [false, true].map((partitionOfUnity): LayerCase => {
        const d = covariance === "lowRank" ? 3 : 2;
        const skip = aggregate === "norm";
        const options = { numComponents: 3, covariance, aggregate, centers, partitionOfUnity, skip, bias: !skip };
        const name = `gmnm ${covariance}, ${aggregate}, ${centers}${partitionOfUnity ? ", partition of unity" : ""}`;
        return { name, layer: gmnm(d, 2, options), features: [d, 2], checksAs: "gmnm" };
      }),
    ),
  ),
);

/** The same "random" numbers at every call, so that values can be compared. */
const uniform = (shape: number[]) =>
  np.array(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => (i * 0.618034) % 1),
    { shape },
  );

export const featureCases: LayerCase[] = [
  ...gmnmCases,
  {
    name: "gmnm with its defaults for 6 features",
    layer: gmnm(6, 2, { numComponents: 4 }),
    features: [6, 2],
    checksAs: "gmnm",
  },
  {
    name: "gmnm diagonal in 6 features",
    layer: gmnm(6, 2, { numComponents: 4, covariance: "diagonal" }),
    features: [6, 2],
    checksAs: "gmnm",
  },
  {
    name: "gmnm of one component and one feature",
    layer: gmnm(1, 1, { numComponents: 1 }),
    features: [1, 1],
    checksAs: "gmnm",
  },
  {
    name: "additiveGmnm",
    layer: additiveGmnm(3, 2, { numComponents: 4 }),
    features: [3, 2],
    checksAs: "additiveGmnm",
  },
  {
    name: "additiveGmnm of one component and one feature",
    layer: additiveGmnm(1, 2, { numComponents: 1 }),
    features: [1, 2],
    checksAs: "additiveGmnm",
  },
  { name: "rbf", layer: rbf(2, 2, { numComponents: 4 }), features: [2, 2], checksAs: "rbf" },
  {
    name: "gaussianMixtureActivation",
    layer: gaussianMixtureActivation(3, { numComponents: 4 }),
    features: [3, 3],
    checksAs: "gaussianMixtureActivation",
  },
  { name: "kan", layer: kan(2, 2, { gridSize: 3 }), features: [2, 2], checksAs: "kan" },
  { name: "fastKan", layer: fastKan(3, 2, { numGrids: 3 }), features: [3, 2], checksAs: "fastKan" },
  {
    name: "fastKan without layer norm",
    layer: fastKan(2, 2, { numGrids: 3, layerNorm: false }),
    features: [2, 2],
    checksAs: "fastKan",
  },
  { name: "linear", layer: linear(3, 2), features: [3, 2], checksAs: "linear" },
  { name: "linear without bias", layer: linear(3, 2, { bias: false }), features: [3, 2], checksAs: "linear" },
  { name: "layerNorm", layer: layerNorm(4), features: [4, 4], checksAs: "layerNorm" },
  { name: "layerNorm, not affine", layer: layerNorm(4, { affine: false }), features: [4, 4], checksAs: "layerNorm" },
  { name: "dropout while predicting", layer: dropout(0.4), features: [4, 4] },
  { name: "dropout while training", layer: dropout(0.4), features: [4, 4], context: { training: true, uniform } },
  ...activationNames.map(
    (name): LayerCase => ({ name: `activation ${name}`, layer: activation(name), features: [3, 3] }),
  ),
  { name: "mlp with tanh", layer: mlp([2, 3, 2], { nonlinearity: "tanh" }), features: [2, 2], checksAs: "linear" },
  {
    name: "mlp with learnt activations",
    layer: mlp([2, 3, 2], { nonlinearity: (width) => gaussianMixtureActivation(width, { numComponents: 3 }) }),
    features: [2, 2],
    checksAs: "linear",
  },
  {
    name: "sequential of two gmnm with a layer norm between",
    layer: sequential(gmnm(2, 3, { numComponents: 3 }), layerNorm(3), gmnm(3, 2, { numComponents: 3 })),
    features: [2, 2],
    checksAs: "gmnm",
  },
  {
    name: "sequential within sequential",
    layer: sequential(sequential(kan(2, 2, { gridSize: 2 }), dropout(0.2)), rbf(2, 1, { numComponents: 3 })),
    features: [2, 1],
    checksAs: "kan",
  },
  {
    name: "ensemble of a mixture and a perceptron",
    layer: ensemble(gmnm(3, 2, { numComponents: 3 }), sequential(linear(3, 4), activation("tanh"), linear(4, 2))),
    features: [3, 2],
    checksAs: "gmnm",
  },
  {
    name: "ensemble of splines",
    layer: ensemble(kan(2, 1, { gridSize: 2 }), kan(2, 1, { gridSize: 3 })),
    features: [2, 1],
    checksAs: "kan",
  },
  {
    name: "residual",
    layer: residual(sequential(layerNorm(3), gmnm(3, 3, { numComponents: 3 }))),
    features: [3, 3],
    checksAs: "layerNorm",
  },
  {
    name: "unflatten behind a linear layer",
    layer: sequential(linear(3, 4), unflatten([4])),
    features: [3, 4],
    checksAs: "linear",
  },
];
