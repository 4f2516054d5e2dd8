// The mixtures inside a model, each with the rows it sees: what looks at components, or changes them, starts from these.
import { type numpy as np, tree } from "@jax-js/jax";
import { GmnmError } from "../errors.ts";
import type { Model } from "../model.ts";
import type { AnyLayer, LayerConfig, Params } from "../nn/layer.ts";
import { isMixture, type MixtureParams } from "../nn/mixture.ts";
import { fromConfig, type LayerBuilders } from "../nn/registry.ts";
import { mapTensors, namedArrays, type ParamTensors, placeParams } from "../params.ts";
import { type Tensor, takeRows, toArray, toTensor } from "../tensor.ts";

/** A `gmnm` or `rbf` layer somewhere in a model. Config, parameters and tensors are those of the model itself, not copies. */
export type Mixture = {
  config: LayerConfig;
  params: MixtureParams;
  /** (rows, inFeatures): its input for the rows that the model was given, with tokens and pixels as rows of their own. */
  input: Tensor;
};

/** Up to so many rows are looked at: enough to tell a dead component from a rare one. Our choice. */
const MOST_ROWS = 4096;
/** Rows computed at a time: bounds the memory. */
const BATCH_ROWS = 512;

/** At most 4096 rows, evenly spread over all. */
export function rowsToLookAt(rows: number): Uint32Array {
  const count = Math.min(rows, MOST_ROWS);
  return Uint32Array.from({ length: count }, (_, i) => Math.floor((i * rows) / count));
}

/**
 * Finds every mixture of a model, whatever layers hold it, and runs the model on x (rows, …) to see what each of them sees. Runs
 * eagerly, so an executor must have been started.
 *
 * The model is built again from its config, with layers that take notes in place of its mixtures: an entry of the config with a type of
 * its own makes each of them known, and the array of weights that it is given says which parameters are its.
 */
export function observe(model: Model, x: Tensor, layers?: LayerBuilders): { mixtures: Mixture[]; output: Tensor } {
  const found: LayerConfig[] = [];
  const marked = mapConfig(model.layer.config, (config) =>
    isMixture(config) ? { ...config, type: `${config.type} ${found.push(config) - 1}` } : config,
  );
  if (found.length === 0) {
    throw new GmnmError(`there is no gmnm or rbf layer in this model of type ${model.layer.config.type}`);
  }
  const notes = found.map((): { path?: string; inputs: Tensor[] } => ({ inputs: [] }));
  let paths = new Map<np.Array, string>();
  const noting = (config: LayerConfig, i: number): AnyLayer => {
    const layer = fromConfig(config, layers);
    const apply = (params: Record<string, np.Array>, input: np.Array) => {
      notes[i].path ??= paths.get(params.weights);
      notes[i].inputs.push(toTensor(input.ref));
      return layer.apply(params, input);
    };
    return { ...layer, apply };
  };
  const builders = found.map((config, i) => [`${config.type} ${i}`, () => noting(config, i)] as const);
  const noted = fromConfig(marked, { ...layers, ...Object.fromEntries(builders) });
  const outputs: Tensor[] = [];
  const placed = placeParams(model.params);
  paths = new Map(namedArrays(placed).map(([path, array]) => [array, path]));
  try {
    for (let from = 0; from < x.shape[0]; from += BATCH_ROWS) {
      const rows = Array.from({ length: Math.min(BATCH_ROWS, x.shape[0] - from) }, (_, i) => from + i);
      outputs.push(toTensor(noted.apply(tree.ref(placed) as Params, toArray(takeRows(x, rows)))));
    }
  } finally {
    tree.dispose(placed);
  }
  const mixtures = found.flatMap((config, i): Mixture[] => {
    const { path, inputs } = notes[i];
    if (path === undefined) return [];
    const { data, shape } = joinRows(inputs);
    const features = shape[shape.length - 1];
    return [{ config, params: at(model.params, path), input: { data, shape: [data.length / features, features] } }];
  });
  return { mixtures, output: joinRows(outputs) };
}

/** The model with other mixtures; what has not changed is shared. */
export function replaceMixtures(
  { layer, params }: Model,
  changes: readonly { from: Mixture; config: LayerConfig; params: MixtureParams }[],
  layers?: LayerBuilders,
): Model {
  const configs = new Map(changes.map(({ from, config }) => [from.config, config]));
  const tensors = new Map(
    changes.flatMap(({ from, params }) => Object.entries(from.params).map(([name, old]) => [old, params[name]])),
  );
  const sameConfig = changes.every(({ from, config }) => from.config === config);
  const changed = mapConfig(layer.config, (config) => configs.get(config) ?? config);
  return {
    layer: sameConfig ? layer : fromConfig(changed, layers),
    params: mapTensors(params, (old) => tensors.get(old) ?? old) as ParamTensors,
  };
}

/** A config with every config of a layer in it, and itself, replaced. */
function mapConfig(config: LayerConfig, change: (config: LayerConfig) => LayerConfig): LayerConfig {
  const walk = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(walk);
    if (node === null || typeof node !== "object") return node;
    const changed = "type" in node ? change(node as LayerConfig) : node;
    if (changed !== node) return changed;
    return Object.fromEntries(Object.entries(node).map(([key, child]) => [key, walk(child)]));
  };
  return walk(config) as LayerConfig;
}

/** The parameters beside a tensor, by its path. */
const at = (params: ParamTensors, path: string): MixtureParams =>
  path
    .split(".")
    .slice(0, -1)
    .reduce((node, key) => (node as Record<string, ParamTensors>)[key], params) as MixtureParams;

/** (a, …) and (b, …) → (a + b, …). */
function joinRows(parts: readonly Tensor[]): Tensor {
  const data = new Float32Array(parts.reduce((sum, part) => sum + part.data.length, 0));
  let offset = 0;
  for (const part of parts) {
    data.set(part.data, offset);
    offset += part.data.length;
  }
  const rows = parts.reduce((sum, { shape }) => sum + shape[0], 0);
  return { data, shape: [rows, ...parts[0].shape.slice(1)] };
}
