// Members of an ensemble as one layer.
import type { Model } from "../model.ts";
import { mergeMixtures } from "../models/merge-mixtures.ts";
import { ensemble } from "../nn/ensemble.ts";
import { type GmnmConfig, gmnm } from "../nn/gmnm.ts";
import type { LayerConfig } from "../nn/layer.ts";
import { isBuffer, type ParamTensors } from "../params.ts";
import type { Tensor } from "../tensor.ts";

/** A model, and its share of the whole. */
export type Share = { model: Model; share: number };

/**
 * Σ share · model as one layer: mixtures alike become one mixture, and take the linear models into their linear paths; whatever is left is an
 * `ensemble`, the mean, whose members have been multiplied by their number.
 */
export function combine(shares: readonly Share[]): Model {
  const lines = shares.filter(({ model }) => model.layer.config.type === "linear");
  const rest = shares.filter(({ model }) => model.layer.config.type !== "linear");
  const line = lines.length > 0 ? addLines(lines) : undefined;
  const forms = Map.groupBy(rest, ({ model }) => formOf(model.layer.config));
  const parts = [...forms].flatMap(([form, alike]) => {
    const scaled = alike.map(({ model, share }) => scale(model, share * alike.length));
    return form.startsWith("gmnm") ? [mergeMixtures(scaled)] : scaled.map((model) => scale(model, 1 / alike.length));
  });
  const home = parts.findIndex(({ layer }) => layer.config.type === "gmnm" && layer.config.skip && layer.config.bias);
  if (line && home >= 0) parts[home] = withLine(parts[home], line);
  else if (line) parts.push(line);
  if (parts.length === 1) return parts[0];
  const times = parts.map((part) => scale(part, parts.length));
  return { layer: ensemble(...times.map(({ layer }) => layer)), params: times.map(({ params }) => params) };
}

/** Models of one form can be merged. */
function formOf(config: LayerConfig): string {
  if (config.type !== "gmnm") return `${config.type}`;
  const { aggregate, covariance, rank, centers, bias, skip } = config as GmnmConfig;
  return `gmnm ${JSON.stringify([aggregate, covariance, covariance === "lowRank" ? rank : 0, centers, bias, skip])}`;
}

type Tensors = Record<string, Tensor>;

/** Arrays in which the result of a layer is linear, by its type. */
const LINEAR_IN: Record<string, readonly string[]> = {
  gmnm: ["weights", "bias", "skip"],
  additiveGmnm: ["weights", "skip", "bias"],
  rbf: ["weights", "bias"],
  linear: ["weights", "bias"],
  kan: ["coefficients", "base"],
  fastKan: ["coefficients", "base", "bias"],
};

/** The model times a number: only what its last layer multiplies by changes. */
export function scale({ layer, params }: Model, factor: number): Model {
  const { type, layers } = layer.config as LayerConfig & { layers?: LayerConfig[] };
  const times = (config: LayerConfig, own: ParamTensors): ParamTensors => {
    const names = LINEAR_IN[config.type];
    if (!names) throw new Error(`a ${config.type} layer cannot be multiplied by a number`);
    return Object.fromEntries(
      Object.entries(own as Tensors).map(([name, value]) => [
        name,
        names.includes(name) && !isBuffer(name) ? { ...value, data: value.data.map((v) => v * factor) } : value,
      ]),
    );
  };
  if (factor === 1) return { layer, params };
  if (type === "sequential") {
    const list = params as ParamTensors[];
    return { layer, params: [...list.slice(0, -1), times(layers!.at(-1)!, list.at(-1)!)] };
  }
  return { layer, params: times(layer.config, params) };
}

/** Σ share · linear model. */
function addLines(lines: readonly Share[]): Model {
  const [first, ...others] = lines.map(({ model, share }) => scale(model, share));
  return others.reduce((sum, line) => ({ layer: sum.layer, params: addTensors(sum.params, line.params) }), first);
}

const addTensors = (a: ParamTensors, b: ParamTensors): ParamTensors =>
  Object.fromEntries(
    Object.entries(a as Tensors).map(([name, { data, shape }]) => [
      name,
      { data: data.map((v, i) => v + (b as Tensors)[name].data[i]), shape },
    ]),
  );

/** A mixture with a linear model added to its linear path. */
function withLine({ layer, params }: Model, line: Model): Model {
  const { weights, bias } = line.params as Tensors;
  const own = params as Tensors;
  const { type, inFeatures, outFeatures, ...options } = layer.config as GmnmConfig;
  const sum = addTensors({ skip: own.skip, bias: own.bias }, { skip: weights, bias }) as Tensors;
  return { layer: gmnm(inFeatures, outFeatures, options), params: { ...own, ...sum } };
}
