export {
  type GaussianMixtureActivationOptions,
  type GaussianMixtureActivationParams,
  gaussianMixtureActivation,
} from "./activation.ts";
export { type AdditiveGmnmOptions, type AdditiveGmnmParams, additiveGmnm } from "./additive-gmnm.ts";
export { attentionMap } from "./attention-map.ts";
export { type BatchNormOptions, type BatchNormParams, batchNorm } from "./batch-norm.ts";
export { type Conv2dOptions, type Conv2dParams, conv2d } from "./conv2d.ts";
export { type DecompositionOptions, type DecompositionParams, decomposition } from "./decomposition.ts";
export { dropout } from "./dropout.ts";
export { type ActivationName, activation, activationNames } from "./elementwise.ts";
export { ensemble } from "./ensemble.ts";
export { type FastKanOptions, type FastKanParams, fastKan } from "./fast-kan.ts";
export { flatten } from "./flatten.ts";
export {
  type GaussianAttentionOptions,
  type GaussianAttentionParams,
  gaussianAttention,
} from "./gaussian-attention.ts";
export { type GmnmOptions, type GmnmParams, gmnm } from "./gmnm.ts";
export {
  type GaussianMixtureConv2dOptions,
  type GaussianMixtureConv2dParams,
  gaussianMixtureConv2d,
} from "./gmnm-conv2d.ts";
export { type GmnmLstmOptions, type GmnmLstmParams, gmnmLstm } from "./gmnm-lstm.ts";
export { type GruParams, gru } from "./gru.ts";
export { type KanOptions, type KanParams, kan } from "./kan.ts";
export { aroundLastValue } from "./last-value.ts";
export type { AnyLayer, Context, Layer, LayerConfig, Params } from "./layer.ts";
export { type LayerNormOptions, type LayerNormParams, layerNorm } from "./layer-norm.ts";
export { type LinearOptions, type LinearParams, linear } from "./linear.ts";
export { type LinearPerColumnParams, linearPerColumn } from "./linear-per-column.ts";
export { type LstmParams, lstm } from "./lstm.ts";
export { type MixtureOverTimeOptions, type MixtureOverTimeParams, mixtureOverTime } from "./mixture-over-time.ts";
export {
  type MultiHeadAttentionOptions,
  type MultiHeadAttentionParams,
  multiHeadAttention,
} from "./multi-head-attention.ts";
export { overTime } from "./over-time.ts";
export { type PartOfSeriesOptions, partOfSeries } from "./part-of-series.ts";
export { patchTokens } from "./patch-tokens.ts";
export type { Padding } from "./patches.ts";
export { globalAvgPool1d } from "./pool1d.ts";
export { avgPool2d, globalAvgPool2d, maxPool2d, type Pool2dOptions } from "./pool2d.ts";
export { type PositionsParams, positions } from "./positions.ts";
export { type RbfOptions, rbf } from "./rbf.ts";
export { fromConfig, type LayerBuilder, type LayerBuilders } from "./registry.ts";
export { relativeToLastValue } from "./relative.ts";
export { residual } from "./residual.ts";
export { sequential } from "./sequential.ts";
export type { RecurrentOptions } from "./steps.ts";
export { sum } from "./sum.ts";
export { unflatten } from "./unflatten.ts";
