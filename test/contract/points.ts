// Where each layer of the contract is evaluated: inputs and parameters from fixed seeds.
import type { Params } from "../../src/nn/layer.ts";
import { disposeParams, isBuffer, namedTensors, type ParamTensors, readParams } from "../../src/params.ts";
import { Random } from "../../src/random.ts";
import type { Tensor } from "../../src/tensor.ts";
import type { Point } from "../gradients.ts";
import type { LayerCase } from "./cases.ts";

export const normal = (shape: number[], seed = 3): Tensor => new Random(seed).normal(shape);

/** Initialises a layer and reads its parameters back. */
export function initial(
  layer: { init(random: Random, sample?: Tensor): Params },
  seed = 7,
  sample?: Tensor,
): ParamTensors {
  const params = layer.init(new Random(seed), sample);
  const read = readParams(params);
  disposeParams(params);
  return read;
}

/** The shapes of an example and of its result. */
export const shapesOf = (given: LayerCase): number[][] =>
  "features" in given ? given.features.map((length) => [length]) : [given.from, given.to];

/** Three examples, and initial parameters moved a little so that none is zero or equal to another. */
export function pointOf(given: LayerCase): Point {
  const { layer, context } = given;
  const [inShape, outShape] = shapesOf(given);
  const params = initial(layer);
  const random = new Random(8);
  for (const [path, { data }] of namedTensors(params)) {
    if (!isBuffer(path)) for (let i = 0; i < data.length; i++) data[i] += 0.2 * random.gaussian();
  }
  return { layer, params, x: normal([3, ...inShape]), cotangent: normal([3, ...outShape], 4), context };
}
