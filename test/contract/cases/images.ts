// Layers of images, and batch normalisation.
import { activation } from "../../../src/nn/elementwise.ts";
import {
  avgPool2d,
  batchNorm,
  type Conv2dOptions,
  conv2d,
  flatten,
  type GaussianMixtureConv2dOptions,
  gaussianMixtureConv2d,
  globalAvgPool2d,
  gmnm,
  maxPool2d,
  residual,
  sequential,
} from "../../../src/nn/index.ts";
import { type LayerCase, shaped } from "./case.ts";

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

export const imageCases: LayerCase[] = [
  ...conv2dCases,
  ...gmnmConv2dCases,
  ...batchNormCases,
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
