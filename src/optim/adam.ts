import { numpy as np, tree } from "@jax-js/jax";
import type { Params } from "../nn/layer.ts";
import { toSchedule } from "./schedules.ts";
import {
  addDecayedWeights,
  chain,
  clipByGlobalNorm,
  type Optimizer,
  type Schedule,
  type Transform,
  zerosLike,
} from "./transform.ts";

/** Options of {@link adam}. */
export type AdamOptions = {
  /** Default 1e-3. */
  learningRate?: number | Schedule;
  /** Decay of the mean of gradients. Default 0.9. */
  beta1?: number;
  /** Decay of the mean of squared gradients. Default 0.999. */
  beta2?: number;
  /** Added to the root of the mean square. Default 1e-8. */
  epsilon?: number;
  /** Clips the gradients' global norm first. Default no clipping. */
  clip?: number;
};

/** Options of {@link adamw}. */
export type AdamWOptions = AdamOptions & {
  /** Default 0.01. */
  weightDecay?: number;
  /** Which arrays decay. Default those that multiply features: to shrink a centre or a width would move it, not simplify it. */
  decays?: (path: string) => boolean;
};

/**
 * Adam: p ← p − learningRate · m̂ / (√v̂ + epsilon). D. P. Kingma, J. Ba, arXiv:1412.6980.
 *
 * @example
 * ```ts
 * const optimizer = adam({ learningRate: cosine(0.03) });
 * ```
 */
export function adam(options: AdamOptions = {}): Optimizer {
  const { learningRate = 1e-3, clip } = options;
  return { ...chain(...clipping(clip), scaleByAdam(options)), learningRate: toSchedule(learningRate) };
}

/**
 * Adam with decoupled weight decay: p ← p − learningRate · (m̂ / (√v̂ + epsilon) + weightDecay · p).
 * I. Loshchilov, F. Hutter, arXiv:1711.05101.
 *
 * @example
 * ```ts
 * const optimizer = adamw({ learningRate: cosine(0.01), weightDecay: 1e-3 });
 * ```
 */
export function adamw({ weightDecay = 0.01, decays = isWeight, ...options }: AdamWOptions = {}): Optimizer {
  const { learningRate = 1e-3, clip } = options;
  return {
    ...chain(...clipping(clip), scaleByAdam(options), addDecayedWeights(weightDecay, decays)),
    learningRate: toSchedule(learningRate),
    alike: decays,
  };
}

const clipping = (clip: number | undefined): Transform[] => (clip === undefined ? [] : [clipByGlobalNorm(clip)]);

const WEIGHTS = new Set(["weights", "coefficients", "base", "skip"]);
const isWeight = (path: string): boolean => WEIGHTS.has(path.slice(path.lastIndexOf(".") + 1));

type AdamState = { mean: Params; square: Params; meanMass: np.Array; squareMass: np.Array };

/**
 * Divides a running mean of the updates by the root of their running mean square. The bias correction 1 − βᵗ is kept as the same running
 * mean, of ones: computed from t it would cancel in float32, and read from the host it would be one more input of every step.
 */
export function scaleByAdam({ beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }: AdamOptions = {}): Transform {
  const decay = (beta: number) => (average: np.Array, value: np.Array) => average.mul(beta).add(value.mul(1 - beta));
  return {
    init(params) {
      const [mean, square] = [zerosLike(tree.ref(params)), zerosLike(params)];
      return { mean, square, meanMass: np.zeros([]), squareMass: np.zeros([]) };
    },
    update(updates, state, params) {
      tree.dispose(params);
      const previous = state as AdamState;
      const mean = tree.map(decay(beta1), previous.mean, tree.ref(updates)) as Params;
      const square = tree.map(
        (v: np.Array, g: np.Array) => decay(beta2)(v, np.square(g)),
        previous.square,
        updates,
      ) as Params;
      const meanMass = previous.meanMass.mul(beta1).add(1 - beta1);
      const squareMass = previous.squareMass.mul(beta2).add(1 - beta2);
      const direction = tree.map(
        (m: np.Array, v: np.Array) => m.div(meanMass.ref).div(np.sqrt(v.div(squareMass.ref)).add(epsilon)),
        tree.ref(mean),
        tree.ref(square),
      ) as Params;
      return [direction, { mean, square, meanMass, squareMass }];
    },
  };
}
