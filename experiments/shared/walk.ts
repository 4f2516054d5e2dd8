import { fromConfig, type LayerConfig } from "../../src/nn/index.ts";
import { type ParamTensors, placeParams } from "../../src/params.ts";
import { type Tensor, toArray, toTensor } from "../../src/tensor.ts";

/** A layer somewhere in a model, with its parameters and what it gets. */
export type Visit = { config: LayerConfig; params: ParamTensors; input: Tensor };

/** Every layer of a model that is not made of others, in order, with what it gets when the model sees x. */
export function walk(config: LayerConfig, params: ParamTensors, x: Tensor): Visit[] {
  const visits: Visit[] = [];
  follow(config, params, x, visits);
  return visits;
}

/** Applies a layer and notes what is in it. */
function follow(config: LayerConfig, params: ParamTensors, input: Tensor, visits: Visit[]): Tensor {
  if (config.type === "sequential") {
    const list = params as readonly ParamTensors[];
    return (config.layers as LayerConfig[]).reduce((x, layer, i) => follow(layer, list[i], x, visits), input);
  }
  // What stands around one layer is applied whole; the layer within sees what its own first layer gets.
  const inner = config.layer as LayerConfig | undefined;
  if (inner) follow(inner, params, seenWithin(config, input), visits);
  else visits.push({ config, params, input });
  return toTensor(fromConfig(config).apply(placeParams(params), toArray(input)));
}

/** What a layer hands to the layer within it. */
function seenWithin({ type }: LayerConfig, { data, shape }: Tensor): Tensor {
  const [, time, columns] = shape;
  if (type === "overTime") return toTensor(toArray({ data, shape }).transpose([0, 2, 1]));
  if (type !== "aroundLastValue") return { data, shape };
  const last = (i: number) => data[(Math.floor(i / (time * columns)) * time + time - 1) * columns + (i % columns)];
  return { data: data.map((value, i) => value - last(i)), shape };
}
