import { numpy as np, tree } from "@jax-js/jax";
import type { Params } from "../nn/layer.ts";
import { scaleBySize } from "./scale-by-size.ts";
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
  /**
   * Arrays whose steps are in proportion to their size, Gaussian by Gaussian: {@link isProjection}, where inputs are coordinates. Default none,
   * Adam as published.
   */
  relative?: (path: string) => boolean;
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
  const { learningRate = 1e-3, relative = none } = options;
  return {
    ...chain(...directions(options)),
    learningRate: toSchedule(learningRate),
    alike: (path) => relative(path) && path,
  };
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
  const { learningRate = 1e-3, relative = none } = options;
  return {
    ...chain(...directions(options), addDecayedWeights(weightDecay, decays)),
    learningRate: toSchedule(learningRate),
    alike: (path) => (relative(path) ? path : decays(path)),
  };
}

const none = () => false;

const directions = ({ clip, relative, ...options }: AdamOptions): Transform[] => [
  ...(clip === undefined ? [] : [clipByGlobalNorm(clip)]),
  scaleByAdam(options),
  ...(relative ? [scaleBySize(relative)] : []),
];

const WEIGHTS = new Set(["weights", "coefficients", "base", "skip"]);
const isWeight = (path: string): boolean => WEIGHTS.has(path.slice(path.lastIndexOf(".") + 1));

type AdamState = { sum: Params; squareSum: Params; mass: np.Array; squareMass: np.Array };

/**
 * Divides a running mean of the updates by the root of their running mean square. Kept are the sums Σ βᵗ⁻ⁱ gᵢ, Σ βᵗ⁻ⁱ gᵢ² and their masses
 * Σ βᵗ⁻ⁱ; sum ÷ mass is the mean with its bias corrected. 1 − βᵗ computed from t would cancel in float32, and a factor 1 − β on every
 * gradient would be two more passes over memory, which is what a large step consists of.
 */
export function scaleByAdam({ beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }: AdamOptions = {}): Transform {
  return {
    init(params) {
      const [sum, squareSum] = [zerosLike(tree.ref(params)), zerosLike(params)];
      return { sum, squareSum, mass: np.zeros([]), squareMass: np.zeros([]) };
    },
    update(updates, state, params) {
      tree.dispose(params);
      const previous = state as AdamState;
      const accumulate = (s: np.Array, g: np.Array) => s.mul(beta1).add(g);
      const accumulateSquare = (s: np.Array, g: np.Array) => s.mul(beta2).add(np.square(g));
      const sum = tree.map(accumulate, previous.sum, tree.ref(updates)) as Params;
      const squareSum = tree.map(accumulateSquare, previous.squareSum, updates) as Params;
      const mass = previous.mass.mul(beta1).add(1);
      const squareMass = previous.squareMass.mul(beta2).add(1);
      // (s / mass) / (√(q / squareMass) + ε) with the scalars on one side: s · (√squareMass / mass) / (√q + ε √squareMass).
      const root = np.sqrt(squareMass.ref);
      const factor = root.ref.div(mass.ref);
      const floor = root.mul(epsilon);
      const direction = tree.map(
        (s: np.Array, q: np.Array) => s.div(np.sqrt(q).add(floor.ref)).mul(factor.ref),
        tree.ref(sum),
        tree.ref(squareSum),
      ) as Params;
      tree.dispose([factor, floor]);
      return [direction, { sum, squareSum, mass, squareMass }];
    },
  };
}
