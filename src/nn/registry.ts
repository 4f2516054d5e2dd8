import { GmnmError, quote } from "../errors.ts";
import { gaussianMixtureActivation } from "./activation.ts";
import { additiveGmnm } from "./additive-gmnm.ts";
import { batchNorm } from "./batch-norm.ts";
import { conv2d } from "./conv2d.ts";
import { decomposition } from "./decomposition.ts";
import { dropout } from "./dropout.ts";
import { activation } from "./elementwise.ts";
import { ensemble } from "./ensemble.ts";
import { fastKan } from "./fast-kan.ts";
import { flatten } from "./flatten.ts";
import { gaussianAttention } from "./gaussian-attention.ts";
import { gmnm } from "./gmnm.ts";
import { gaussianMixtureConv2d } from "./gmnm-conv2d.ts";
import { gmnmLstm } from "./gmnm-lstm.ts";
import { gru } from "./gru.ts";
import { kan } from "./kan.ts";
import { aroundLastValue } from "./last-value.ts";
import type { AnyLayer, LayerConfig } from "./layer.ts";
import { layerNorm } from "./layer-norm.ts";
import { linear } from "./linear.ts";
import { linearPerColumn } from "./linear-per-column.ts";
import { lstm } from "./lstm.ts";
import { mixtureOverTime } from "./mixture-over-time.ts";
import { multiHeadAttention } from "./multi-head-attention.ts";
import { overTime } from "./over-time.ts";
import { partOfSeries } from "./part-of-series.ts";
import { patchTokens } from "./patch-tokens.ts";
import { globalAvgPool1d } from "./pool1d.ts";
import { avgPool2d, globalAvgPool2d, maxPool2d } from "./pool2d.ts";
import { positions } from "./positions.ts";
import { rbf } from "./rbf.ts";
import { relativeToLastValue } from "./relative.ts";
import { residual } from "./residual.ts";
import { sequential } from "./sequential.ts";
import { sum } from "./sum.ts";
import { unflatten } from "./unflatten.ts";

/** Rebuilds a layer from its config without `type`; options are checked again, for a config may come from anywhere. */
export type LayerBuilder = (config: Record<string, unknown>, layers: LayerBuilders) => AnyLayer;
/** Builders by the `type` of the configs they understand. */
export type LayerBuilders = Readonly<Record<string, LayerBuilder>>;

type Features = [inFeatures: number, outFeatures: number];
const ofFeatures =
  (build: (...args: [...Features, object]) => AnyLayer): LayerBuilder =>
  ({ inFeatures, outFeatures, ...options }) =>
    build(inFeatures as number, outFeatures as number, options);

/** For layers with one argument and no options. */
const ofOne =
  (type: string, option: string, build: (value: never, layers: LayerBuilders) => AnyLayer): LayerBuilder =>
  (options, layers) => {
    const unknown = Object.keys(options).find((key) => key !== option);
    if (unknown !== undefined) throw new GmnmError(`${type} has no option ${quote(unknown)}; it has ${option}`);
    // The option comes from a file: the layer checks it, whatever it is.
    return build(options[option] as never, layers);
  };

/** Throws when there are options beyond those that were taken out. */
function refuseOptions(type: string, options: object): void {
  const [unknown] = Object.keys(options);
  if (unknown !== undefined) throw new GmnmError(`${type} has no option ${quote(unknown)}; it has none`);
}

/** For layers without arguments. */
const ofNone =
  (type: string, build: () => AnyLayer): LayerBuilder =>
  (options) => {
    refuseOptions(type, options);
    return build();
  };

/** A layer within another. */
function layerIn(owner: string, option: string, config: unknown, layers: LayerBuilders): AnyLayer {
  if (typeof (config as LayerConfig | null)?.type !== "string") {
    throw new GmnmError(`${option} of ${owner} must be the description of a layer, got ${typeof config}`);
  }
  return fromConfig(config as LayerConfig, layers);
}

/** For what is put around one layer. */
const ofLayer = (type: string, build: (layer: AnyLayer) => AnyLayer): LayerBuilder =>
  ofOne(type, "layer", (layer, builders) => build(layerIn(type, "layer", layer, builders)));

/** For what is made of a list of layers. */
const ofLayers = (type: string, build: (...layers: AnyLayer[]) => AnyLayer): LayerBuilder =>
  ofOne(type, "layers", (layers: LayerConfig[], builders) => {
    if (!Array.isArray(layers)) throw new GmnmError(`layers of ${type} must be a list, got ${typeof layers}`);
    return build(...layers.map((config) => fromConfig(config, builders)));
  });

/** The layers of this library. */
export const builtInLayers: LayerBuilders = {
  gmnm: ofFeatures(gmnm),
  additiveGmnm: ofFeatures(additiveGmnm),
  rbf: ofFeatures(rbf),
  kan: ofFeatures(kan),
  fastKan: ofFeatures(fastKan),
  linear: ofFeatures(linear),
  activation: ofOne("activation", "name", activation),
  gaussianMixtureActivation: ({ channels, ...options }) => gaussianMixtureActivation(channels as number, options),
  layerNorm: ({ features, ...options }) => layerNorm(features as number, options),
  batchNorm: ({ channels, ...options }) => batchNorm(channels as number, options),
  dropout: ofOne("dropout", "rate", dropout),
  conv2d: ({ inChannels, outChannels, ...options }) => conv2d(inChannels as number, outChannels as number, options),
  gaussianMixtureConv2d: ({ inChannels, outChannels, ...options }) =>
    gaussianMixtureConv2d(inChannels as number, outChannels as number, options),
  maxPool2d: (options) => maxPool2d(options),
  avgPool2d: (options) => avgPool2d(options),
  globalAvgPool2d: ofNone("globalAvgPool2d", globalAvgPool2d),
  flatten: ofNone("flatten", flatten),
  lstm: ({ inFeatures, hiddenSize, ...options }) => lstm(inFeatures as number, hiddenSize as number, options),
  gru: ({ inFeatures, hiddenSize, ...options }) => gru(inFeatures as number, hiddenSize as number, options),
  multiHeadAttention: ({ features, ...options }) => multiHeadAttention(features as number, options),
  gaussianAttention: ({ features, ...options }) => gaussianAttention(features as number, options),
  residual: ofLayer("residual", residual),
  overTime: ofLayer("overTime", overTime),
  aroundLastValue: ofLayer("aroundLastValue", aroundLastValue),
  relativeToLastValue: ofNone("relativeToLastValue", relativeToLastValue),
  partOfSeries: (options) => partOfSeries(options),
  linearPerColumn: ({ lookback, horizon, columns, ...options }) => {
    refuseOptions("linearPerColumn", options);
    return linearPerColumn(lookback as number, horizon as number, columns as number);
  },
  decomposition: ({ trend, remainder, ...options }, layers) =>
    decomposition(
      layerIn("decomposition", "trend", trend, layers),
      layerIn("decomposition", "remainder", remainder, layers),
      options,
    ),
  gmnmLstm: ({ inFeatures, hiddenSize, ...options }) => gmnmLstm(inFeatures as number, hiddenSize as number, options),
  mixtureOverTime: ({ features, ...options }) => mixtureOverTime(features as number, options),
  patchTokens: ofOne("patchTokens", "size", patchTokens),
  positions: ({ tokens, features, ...options }) => {
    refuseOptions("positions", options);
    return positions(tokens as number, features as number);
  },
  globalAvgPool1d: ofNone("globalAvgPool1d", globalAvgPool1d),
  unflatten: ofOne("unflatten", "shape", unflatten),
  sequential: ofLayers("sequential", sequential),
  ensemble: ofLayers("ensemble", ensemble),
  sum: ofLayers("sum", sum),
};

/**
 * Builds a layer from a plain description, as found in a saved model.
 *
 * @example
 * ```ts
 * const layer = fromConfig({ type: "gmnm", inFeatures: 2, outFeatures: 1, numComponents: 64 });
 * ```
 * @throws GmnmError when the type is unknown or an option is out of range.
 */
export function fromConfig(config: LayerConfig, layers: LayerBuilders = {}): AnyLayer {
  const builders = { ...builtInLayers, ...layers };
  const { type, ...options } = Object(config) as LayerConfig;
  if (typeof type !== "string" || !Object.hasOwn(builders, type)) {
    throw new GmnmError(`a layer's type must be one of ${Object.keys(builders).join(", ")}, got ${quote(type)}`);
  }
  return builders[type](options, layers);
}
