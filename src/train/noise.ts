import { makeJaxpr, numpy as np, tree } from "@jax-js/jax";
import type { Context, Params } from "../nn/layer.ts";
import { type ParamTensors, placeParams } from "../params.ts";
import type { Random } from "../random.ts";
import { sizeOf } from "../tensor.ts";
import type { Tensors } from "./batches.ts";
import type { Objective } from "./minimize.ts";

/**
 * Random numbers drawn inside a traced step would be constants in it, and not every executor has them. So the shapes that layers ask for
 * are collected in a first trace, the numbers drawn on the host, and fed to the step as inputs.
 */
export type NoiseShapes = number[][];

/** The shapes of uniform noise that an objective asks its context for. */
export function noiseShapesOf(objective: Objective, params: ParamTensors, data: Tensors): NoiseShapes {
  const shapes: NoiseShapes = [];
  const uniform = (shape: number[]) => {
    shapes.push(shape);
    return np.zeros(shape);
  };
  const traced = (p: Params, b: Params) => objective(p, b as Record<string, np.Array>, { training: true, uniform });
  const [p, b] = [placeParams(params), placeParams(data)];
  try {
    makeJaxpr(traced)(p, b).jaxpr.dispose();
    return shapes;
  } finally {
    tree.dispose([p, b]);
  }
}

/** Fresh uniform numbers for one step, by position. */
export const drawNoise = (shapes: NoiseShapes, random: Random): Tensors =>
  Object.fromEntries(
    shapes.map((shape, i) => [
      i,
      { data: Float32Array.from({ length: sizeOf(shape) }, () => random.uniform()), shape },
    ]),
  );

/** A context that hands out the fed numbers in the order in which they are asked for. */
export function noiseContext(noise: Record<string, np.Array>): Context {
  let next = 0;
  return { training: true, uniform: () => noise[next++] };
}
