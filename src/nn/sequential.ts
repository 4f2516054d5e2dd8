import { type numpy as np, tree } from "@jax-js/jax";
import { GmnmError } from "../errors.ts";
import { type Tensor, toArray, toTensor } from "../tensor.ts";
import { convMaxPool2d } from "./conv-max-pool2d.ts";
import type { Conv2dParams } from "./conv2d.ts";
import type { AnyLayer, Context, Layer, Params } from "./layer.ts";

/**
 * Layers applied one after another. Parameters are a list, one entry per layer.
 *
 * Initialisation passes the sample through the layers as they are initialised, so that a layer whose start depends on its input sees
 * the input it will have.
 *
 * ReLU in front of `maxPool2d` runs behind it, and so does what a convolution adds: the same numbers and gradients, with a quarter of the work.
 *
 * @example
 * ```ts
 * const model = sequential(gmnm(4, 2, { numComponents: 24 }), gmnm(2, 1, { numComponents: 24 }));
 * ```
 */
export function sequential(...layers: AnyLayer[]): Layer<Params[]> {
  if (layers.length === 0) throw new GmnmError("sequential needs at least one layer, got none");
  const steps = stepsOf(layers);
  return {
    config: { type: "sequential", layers: layers.map((layer) => layer.config) },
    init: (random, sample) => passThrough(layers, sample, (layer, _, input) => layer.init(random.split(), input)),
    apply(params, x, context) {
      if (params.length !== layers.length) {
        throw new GmnmError(`sequential has ${layers.length} layers, got parameters for ${params.length}`);
      }
      return steps.reduce((h, step) => step(params, h, context), x);
    },
    adapt: (params, sample) =>
      passThrough(layers, sample, (layer, i, input) => layer.adapt?.(params[i], input!) ?? params[i]),
  };
}

type Step = (params: readonly Params[], x: np.Array, context?: Context) => np.Array;

/** What runs, one after another. The largest of what ReLU gives is what ReLU gives of the largest: pooling comes first. */
function stepsOf(layers: readonly AnyLayer[]): Step[] {
  const order = [...layers.keys()];
  const isPool = (i: number) => layers[order[i]]?.config.type === "maxPool2d";
  for (let i = 0; i < order.length; i++)
    if (isRelu(layers[order[i]]) && isPool(i + 1)) [order[i], order[i + 1]] = [order[i + 1], order[i]];
  const steps: Step[] = [];
  for (let i = 0; i < order.length; i++) {
    const at = order[i];
    const layer = layers[at];
    if (layer.config.type === "conv2d" && isPool(i + 1)) {
      const both = convMaxPool2d(layer, layers[order[++i]]);
      steps.push((params, x) => both(params[at] as Conv2dParams, x));
    } else steps.push((params, x, context) => layer.apply(params[at], x, context));
  }
  return steps;
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
