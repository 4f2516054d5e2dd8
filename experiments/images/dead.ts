import { tree } from "@jax-js/jax";
import type { Model } from "../../src/model.ts";
import { type AnyLayer, fromConfig, type LayerConfig } from "../../src/nn/index.ts";
import { type ParamTensors, placeParams } from "../../src/params.ts";
import { type Tensor, toArray, toTensor, zeros } from "../../src/tensor.ts";

/** A component is dead when its activation stays below this, as in `describeComponents`. */
const DEAD = 1e-3;

type Flat = Record<string, Tensor>;

/** The share of a sequential model's Gaussians that no input of a sample activates; undefined for a model without any. */
export function deadShare({ layer, params }: Model, sample: Tensor): number | undefined {
  const largest = largestActivations(layer.config, params, sample);
  if (largest.length === 0) return undefined;
  return largest.filter((activation) => activation < DEAD).length / largest.length;
}

/** The largest activation of every Gaussian of a sequential model over a sample. */
export function largestActivations(config: LayerConfig, params: ParamTensors, sample: Tensor): number[] {
  const inner = config.type === "sequential" ? (config.layers as LayerConfig[]) : [config];
  const held = config.type === "sequential" ? (params as ParamTensors[]) : [params];
  let x = sample;
  return inner.flatMap((one, i) => {
    const largest = one.type === "sequential" ? largestActivations(one, held[i], x) : ofLayer(one, held[i] as Flat, x);
    x = applied(fromConfig(one), held[i], x);
    return largest;
  });
}

function ofLayer(config: LayerConfig, params: Flat, x: Tensor): number[] {
  if (config.type === "gaussianMixtureActivation") return ofActivation(params, x);
  if (config.type !== "gmnm" && config.type !== "gaussianMixtureConv2d") return [];
  // With the unit matrix for weights the layer shows every Gaussian by itself.
  const m = params.weights.shape[0];
  const unit = zeros([m, m]);
  for (let k = 0; k < m; k++) unit.data[k * m + k] = 1;
  const { bias, skip, ...gaussians } = params;
  const outputs = config.type === "gmnm" ? { outFeatures: m } : { outChannels: m };
  const shown = fromConfig({ ...config, ...outputs, bias: false, skip: false });
  const { data } = applied(shown, { ...gaussians, weights: unit }, x);
  const largest = new Array<number>(m).fill(0);
  for (let i = 0; i < data.length; i++) largest[i % m] = Math.max(largest[i % m], data[i]);
  return largest;
}

/** Gaussians (components, channels) of one number each. */
function ofActivation({ centers, scales }: Flat, x: Tensor): number[] {
  const [, channels] = centers.shape;
  const largest = new Array<number>(centers.data.length).fill(0);
  for (let i = 0; i < x.data.length; i++) {
    for (let k = i % channels; k < largest.length; k += channels) {
      largest[k] = Math.max(largest[k], Math.exp(-0.5 * (scales.data[k] * (x.data[i] - centers.data[k])) ** 2));
    }
  }
  return largest;
}

/** A layer's output on a sample, so many rows at a time that the pixels under its kernels fit into memory. */
function applied(layer: AnyLayer, params: ParamTensors, x: Tensor): Tensor {
  const placed = placeParams(params);
  const [rows, ...features] = x.shape;
  const size = x.data.length / rows;
  const parts: Tensor[] = [];
  for (let from = 0; from < rows; from += 50) {
    const data = x.data.slice(from * size, Math.min(rows, from + 50) * size);
    const input = toArray({ data, shape: [data.length / size, ...features] });
    parts.push(toTensor(layer.apply(tree.ref(placed), input, {})));
  }
  tree.dispose(placed);
  const data = new Float32Array(parts.reduce((sum, part) => sum + part.data.length, 0));
  let at = 0;
  for (const part of parts) {
    data.set(part.data, at);
    at += part.data.length;
  }
  return { data, shape: [rows, ...parts[0].shape.slice(1)] };
}
