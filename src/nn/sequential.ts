import { tree } from "@jax-js/jax";
import { GmnmError } from "../errors.ts";
import { type Tensor, toArray, toTensor } from "../tensor.ts";
import type { AnyLayer, Layer, Params } from "./layer.ts";

/**
 * Layers applied one after another. Parameters are a list, one entry per layer.
 *
 * Initialisation passes the sample through the layers as they are initialised, so that a layer whose start depends on its input sees
 * the input it will have.
 *
 * ReLU in front of `maxPool2d` runs behind it: the same numbers and gradients, with a quarter of the work.
 *
 * @example
 * ```ts
 * const model = sequential(gmnm(4, 2, { numComponents: 24 }), gmnm(2, 1, { numComponents: 24 }));
 * ```
 */
export function sequential(...layers: AnyLayer[]): Layer<Params[]> {
  if (layers.length === 0) throw new GmnmError("sequential needs at least one layer, got none");
  const order = orderOf(layers);
  return {
    config: { type: "sequential", layers: layers.map((layer) => layer.config) },
    init: (random, sample) => passThrough(layers, sample, (layer, _, input) => layer.init(random.split(), input)),
    apply(params, x, context) {
      if (params.length !== layers.length) {
        throw new GmnmError(`sequential has ${layers.length} layers, got parameters for ${params.length}`);
      }
      return order.reduce((h, i) => layers[i].apply(params[i], h, context), x);
    },
    adapt: (params, sample) =>
      passThrough(layers, sample, (layer, i, input) => layer.adapt?.(params[i], input!) ?? params[i]),
  };
}

/** Layers in the order in which they run. The largest of what ReLU gives is what ReLU gives of the largest: pooling comes first. */
function orderOf(layers: readonly AnyLayer[]): number[] {
  const order = [...layers.keys()];
  for (let i = 1; i < layers.length; i++)
    if (isRelu(layers[i - 1]) && layers[i].config.type === "maxPool2d") [order[i - 1], order[i]] = [i, order[i - 1]];
  return order;
}

const isRelu = ({ config }: AnyLayer): boolean => config.type === "activation" && config.name === "relu";

/** Makes each layer's parameters in turn, with the sample as the layers before have transformed it. */
function passThrough(
  layers: AnyLayer[],
  sample: Tensor | undefined,
  make: (layer: AnyLayer, index: number, input?: Tensor) => Params,
): Params[] {
  let input = sample;
  return layers.map((layer, i) => {
    const params = make(layer, i, input);
    if (input && i < layers.length - 1) input = toTensor(layer.apply(tree.ref(params), toArray(input)));
    return params;
  });
}
