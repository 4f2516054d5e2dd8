// The shape of optax: an optimiser is two pure functions, and a longer one is a chain of shorter ones.
import { numpy as np, tree } from "@jax-js/jax";
import type { Params } from "../nn/layer.ts";
import { mapParams } from "../params.ts";

/** Turns gradients into updates, keeping a state of arrays. Both functions consume their arguments and can be traced. */
export interface Transform {
  init(params: Params): Params;
  update(updates: Params, state: Params, params: Params): [updates: Params, state: Params];
}

/** The learning rate at a step, counted from 0, of a run of so many steps. Runs on the host. */
export type Schedule = (step: number, totalSteps: number) => number;

/** A transform whose updates are directions of descent: parameters become p − learningRate · update. */
export interface Optimizer extends Transform {
  readonly learningRate: Schedule;
  /** Arrays for whose paths this gives the same answer may be updated as one vector. Default: all of them. */
  readonly alike?: (path: string) => unknown;
}

export const zerosLike = (params: Params): Params => tree.map((p: np.Array) => np.zerosLike(p), params);

/** Applies transforms one after another. */
export function chain(...transforms: Transform[]): Transform {
  return {
    init(params) {
      const states = transforms.map((transform) => transform.init(tree.ref(params)));
      tree.dispose(params);
      return states;
    },
    update(updates, state, params) {
      const states = (state as Params[]).map((s, i) => {
        const [next, nextState] = transforms[i].update(updates, s, tree.ref(params));
        updates = next;
        return nextState;
      });
      tree.dispose(params);
      return [updates, states];
    },
  };
}

/** The square root of the sum of squares of every element of a tree; consumes it. */
export const globalNorm = (params: Params): np.Array =>
  np.sqrt(
    tree
      .leaves(params)
      .map((p) => np.square(p as np.Array).sum())
      .reduce((a, b) => a.add(b)),
  );

/**
 * Scales all updates so that their global norm is at most maxNorm.
 * R. Pascanu, T. Mikolov, Y. Bengio, "On the difficulty of training recurrent neural networks", arXiv:1211.5063.
 *
 * @example
 * ```ts
 * const optimizer = adam({ learningRate: 0.01, clip: 1 });
 * ```
 */
export function clipByGlobalNorm(maxNorm: number): Transform {
  return {
    init: stateless,
    update(updates, state, params) {
      tree.dispose(params);
      const factor = np.minimum(np.reciprocal(globalNorm(tree.ref(updates)).add(1e-12)).mul(maxNorm), 1);
      const clipped = tree.map((u: np.Array) => u.mul(factor.ref), updates) as Params;
      factor.dispose();
      return [clipped, state];
    },
  };
}

/** Adds rate · parameter to the updates of the arrays for which `decays(path)` holds. */
export function addDecayedWeights(rate: number, decays: (path: string) => boolean): Transform {
  return {
    init: stateless,
    update(updates, state, params) {
      const decayed = new Map<string, np.Array>();
      mapParams(params, (p, path) => (decays(path) ? decayed.set(path, p.mul(rate)) : p.dispose()));
      return [mapParams(updates, (u, path) => (decayed.has(path) ? u.add(decayed.get(path)!) : u)) as Params, state];
    },
  };
}

/** The state of a transform that has none. */
export function stateless(params: Params): Params {
  tree.dispose(params);
  return {};
}
