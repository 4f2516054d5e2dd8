import type { Model } from "../../src/model.ts";
import type { AnyLayer } from "../../src/nn/index.ts";
import { Random } from "../../src/random.ts";
import { initialParams } from "../../src/train/fit.ts";

/** A model of a layer started on ten random rows, or examples of another shape. */
export const started = (layer: AnyLayer, ...example: number[]): Model => ({
  layer,
  params: initialParams(layer, new Random(1), new Random(2).normal([10, ...(example.length ? example : [3])])),
});
