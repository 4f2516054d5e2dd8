import { type numpy as np, tree } from "@jax-js/jax";
import type { Params } from "../nn/layer.ts";
import { toSchedule } from "./schedules.ts";
import { type Optimizer, type Schedule, stateless, zerosLike } from "./transform.ts";

/** Options of {@link sgd}. */
export type SgdOptions = {
  /** Default 0.01. */
  learningRate?: number | Schedule;
  /** Share of the last update kept in the next. Default 0. */
  momentum?: number;
};

/**
 * Gradient descent, with momentum: v ← momentum · v + g, p ← p − learningRate · v.
 *
 * @example
 * ```ts
 * const optimizer = sgd({ learningRate: 0.1, momentum: 0.9 });
 * ```
 */
export function sgd({ learningRate = 0.01, momentum = 0 }: SgdOptions = {}): Optimizer {
  return {
    learningRate: toSchedule(learningRate),
    init: (params) => (momentum ? zerosLike(params) : stateless(params)),
    update(gradients, state, params) {
      tree.dispose(params);
      if (!momentum) return [gradients, state];
      const velocity = tree.map((v: np.Array, g: np.Array) => v.mul(momentum).add(g), state, gradients) as Params;
      return [tree.ref(velocity), velocity];
    },
  };
}
