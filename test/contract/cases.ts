// Every layer and variant, small enough for finite differences in float64.
import { numpy as np } from "@jax-js/jax";
import { mlp } from "../../src/models/mlp.ts";
import { activation, activationNames } from "../../src/nn/elementwise.ts";
import {
  type AnyLayer,
  aroundLastValue,
  avgPool2d,
  batchNorm,
  type Context,
  type Conv2dOptions,
  conv2d,
  decomposition,
  dropout,
  fastKan,
  flatten,
  type GaussianMixtureConv2dOptions,
  gaussianAttention,
  gaussianMixtureActivation,
  gaussianMixtureConv2d,
  globalAvgPool1d,
  globalAvgPool2d,
  gmnm,
  gmnmLstm,
  gru,
  kan,
  layerNorm,
  linear,
  lstm,
  maxPool2d,
  multiHeadAttention,
  overTime,
  patchTokens,
  positions,
  rbf,
  residual,
  sequential,
  unflatten,
} from "../../src/nn/index.ts";

type Common = { name: string; layer: AnyLayer; context?: Context };

/** A layer of the last axis, whatever stands before it. */
export type FeaturesCase = Common & {
  /** Length of the last axis of x, and of the result. */
  features: [number, number];
  /** The layer checks the length of the last axis, under this name. */
  checksAs?: string;
};

/** A layer of images or sequences. */
export type ShapedCase = Common & {
  /** Shape of x without the batch. */
  from: number[];
  /** Shape of the result without the batch. */
  to: number[];
  /** The shape that it asks for where it gets another one, such as "(batch, time, 3)". */
  expects?: string;
};

export type LayerCase = FeaturesCase | ShapedCase;

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

const shaped = (name: string, layer: AnyLayer, from: number[], to: number[], expects?: string): ShapedCase => ({
  name,
  layer,
  from,
  to,
  expects,
});

const conv2dCase = (name: string, from: number[], to: number[], options: Conv2dOptions) =>
  shaped(`conv2d ${name}`, conv2d(from[2], to[2], options), from, to, `(batch, height, width, ${from[2]})`);

const conv2dCases = [
  conv2dCase("with its defaults", [4, 3, 2], [4, 3, 3], {}),
  conv2dCase("of one channel, valid", [5, 4, 1], [3, 2, 2], { padding: "valid" }),
  conv2dCase("1 by 1, no bias", [3, 2, 3], [3, 2, 2], { kernelSize: 1, bias: false }),
  conv2dCase("of an even kernel", [4, 5, 1], [4, 5, 2], { kernelSize: 2 }),
  conv2dCase("with strides, same", [5, 4, 2], [3, 2, 2], { strides: 2 }),
  conv2dCase("with strides, padding 1", [6, 5, 1], [3, 3, 2], { strides: 2, padding: 1 }),
  conv2dCase("with strides beyond the kernel", [7, 6, 2], [2, 2, 2], { kernelSize: 2, strides: 4, padding: "valid" }),
  conv2dCase("1 by 1 with strides", [5, 4, 2], [3, 2, 1], { kernelSize: 1, strides: 2 }),
  conv2dCase("with dilation", [6, 5, 1], [2, 1, 2], { dilation: 2, padding: "valid" }),
  conv2dCase("with dilation and strides", [6, 7, 1], [2, 3, 2], { kernelSize: 2, dilation: 4, strides: 3 }),
  conv2dCase("in groups", [4, 3, 4], [2, 2, 6], { groups: 2, strides: 2 }),
  conv2dCase("by channel", [3, 3, 3], [3, 3, 3], { groups: 3, bias: false }),
];

const gmnmConv2dCase = (name: string, from: number[], to: number[], options: GaussianMixtureConv2dOptions) => {
  const layer = gaussianMixtureConv2d(from[2], to[2], options);
  return shaped(`gaussianMixtureConv2d ${name}`, layer, from, to, `(batch, height, width, ${from[2]})`);
};

const gmnmConv2dCases = [
  gmnmConv2dCase("with its defaults", [4, 3, 2], [4, 3, 3], {}),
  gmnmConv2dCase("of rank 2, valid, skip", [5, 4, 1], [3, 2, 2], {
    rank: 2,
    padding: "valid",
    skip: true,
    bias: false,
  }),
  gmnmConv2dCase("sum, even kernel, strides, skip", [5, 4, 2], [3, 2, 2], {
    kernelSize: 2,
    rank: 2,
    aggregate: "sum",
    strides: 2,
    skip: true,
    numComponents: 3,
  }),
  gmnmConv2dCase("explicit, dilation, partition of unity", [6, 5, 1], [2, 1, 2], {
    dilation: 2,
    padding: "valid",
    centers: "explicit",
    partitionOfUnity: true,
  }),
];

/** While training, batch normalisation looks at the whole batch. */
const batchNormCases: LayerCase[] = [
  { name: "batchNorm while predicting", layer: batchNorm(3), features: [3, 3], checksAs: "batchNorm" },
  { ...shaped("batchNorm of rows while training", batchNorm(3), [3], [3]), context: { training: true } },
  { ...shaped("batchNorm of images while training", batchNorm(2), [3, 2, 2], [3, 2, 2]), context: { training: true } },
];

const imageCases = [
  ...[maxPool2d, avgPool2d].flatMap((pool) => {
    const { type } = pool().config;
    const expects = "(batch, height, width, channels)";
    return [
      shaped(type, pool(), [4, 6, 2], [2, 3, 2], expects),
      shaped(`${type} that leaves pixels out`, pool({ size: 3 }), [5, 7, 1], [1, 2, 1], expects),
      shaped(`${type}, overlapping`, pool({ size: 3, strides: 2 }), [5, 8, 2], [2, 3, 2], expects),
      shaped(`${type} with gaps`, pool({ size: 2, strides: 3 }), [5, 6, 1], [2, 2, 1], expects),
    ];
  }),
  shaped("globalAvgPool2d", globalAvgPool2d(), [3, 4, 2], [2], "(batch, height, width, channels)"),
  shaped("residual", residual(conv2d(2, 2)), [3, 4, 2], [3, 4, 2]),
  shaped("flatten", flatten(), [2, 3, 2], [12]),
  shaped(
    "a small network of images",
    sequential(conv2d(1, 2), activation("silu"), maxPool2d(), flatten(), gmnm(8, 2, { numComponents: 3 })),
    [4, 4, 1],
    [2],
  ),
];

const sequenceCases = [
  ...[lstm, gru].flatMap((recurrent) => {
    const { type } = recurrent(1, 1).config;
    return [
      shaped(`${type}, the last state`, recurrent(2, 3), [4, 2], [3], "(batch, time, 2)"),
      shaped(`${type}, every state`, recurrent(2, 3, { returnSequence: true }), [4, 2], [4, 3], "(batch, time, 2)"),
      shaped(`${type} of one step`, recurrent(1, 2), [1, 1], [2], "(batch, time, 1)"),
      shaped(`${type} of ten steps`, recurrent(1, 2), [10, 1], [2], "(batch, time, 1)"),
    ];
  }),
  ...(["candidate", "gates"] as const).map((placement) =>
    shaped(
      `gmnmLstm, a mixture in the ${placement}`,
      gmnmLstm(2, 3, { placement, numComponents: 3 }),
      [3, 2],
      [3],
      "(batch, time, 2)",
    ),
  ),
  shaped(
    "gmnmLstm, every state",
    gmnmLstm(1, 2, { numComponents: 2, rank: 1, returnSequence: true }),
    [4, 1],
    [4, 2],
    "(batch, time, 1)",
  ),
  shaped("patchTokens of images", patchTokens(2), [4, 6, 2], [6, 8]),
  shaped("patchTokens of series", patchTokens(3), [6, 2], [2, 6]),
  shaped("positions", positions(3, 4), [3, 4], [3, 4], "(batch, 3, 4)"),
  shaped("globalAvgPool1d", globalAvgPool1d(), [3, 4], [4], "(batch, tokens, features)"),
  shaped("overTime", overTime(gmnm(5, 3, { numComponents: 3 })), [5, 2], [3, 2], "(batch, time, columns)"),
  shaped(
    "aroundLastValue",
    aroundLastValue(sequential(lstm(2, 3), linear(3, 8), unflatten([4, 2]))),
    [5, 2],
    [4, 2],
    "(batch, time, columns)",
  ),
  shaped(
    "decomposition",
    decomposition(overTime(linear(6, 3)), overTime(gmnm(6, 3, { numComponents: 3 })), { window: 4 }),
    [6, 2],
    [3, 2],
    "(batch, time, columns)",
  ),
  shaped("multiHeadAttention", multiHeadAttention(4), [3, 4], [3, 4], "(batch, tokens, 4)"),
  shaped(
    "multiHeadAttention, causal",
    multiHeadAttention(4, { numHeads: 2, causal: true }),
    [3, 4],
    [3, 4],
    "(batch, tokens, 4)",
  ),
  ...[
    { numHeads: 2 },
    { numHeads: 2, numKernels: 3, causal: true },
    { numHeads: 1, numKernels: 1 },
    { numHeads: 2, normalize: true, causal: true },
  ].map((options) =>
    shaped(
      `gaussianAttention ${JSON.stringify(options)}`,
      gaussianAttention(4, options),
      [3, 4],
      [3, 4],
      "(batch, tokens, 4)",
    ),
  ),
  shaped(
    "attention with mixtures behind",
    sequential(layerNorm(4), multiHeadAttention(4), gmnm(4, 5, { numComponents: 3 }), kan(5, 2, { gridSize: 2 })),
    [3, 4],
    [3, 2],
  ),
];

export const layerCases: LayerCase[] = [
  ...gmnmCases,
  {
    name: "gmnm with its defaults for 6 features",
    layer: gmnm(6, 2, { numComponents: 4 }),
    features: [6, 2],
    checksAs: "gmnm",
  },
  {
    name: "gmnm of one component and one feature",
    layer: gmnm(1, 1, { numComponents: 1 }),
    features: [1, 1],
    checksAs: "gmnm",
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
    name: "residual",
    layer: residual(sequential(layerNorm(3), gmnm(3, 3, { numComponents: 3 }))),
    features: [3, 3],
    checksAs: "layerNorm",
  },
  { name: "unflatten", layer: sequential(linear(3, 4), unflatten([4])), features: [3, 4], checksAs: "linear" },
  ...conv2dCases,
  ...gmnmConv2dCases,
  ...batchNormCases,
  ...imageCases,
  ...sequenceCases,
];
