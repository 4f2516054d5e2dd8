// How much to believe each of several predictors, judged by rows that none of them was trained on.
import { leastSquares } from "../least-squares.ts";
import type { Tensor } from "../tensor.ts";
import { lossOf } from "./scores.ts";
import type { TableTask } from "./types.ts";

/** A share for each predictor; 0 leaves it out. They need not add up to 1: less draws predictions towards the mean. */
export type Blend = { shares: number[]; score: number };

/** By what share something must be better than what is simpler, or was asked for, to be worth its explanation. Our choice. */
export const WORTH = 0.005;

/**
 * Stacked regression (L. Breiman, "Stacked regressions", Machine Learning 24 (1996)): shares of at least 0 that fit the targets best. Of
 * logits: the best set of predictors in equal shares, times the factor that makes probabilities most likely (temperature).
 * Where that gains too little, the best predictor alone.
 *
 * Shapes: predictions and target (rows, outputs).
 */
export function blend(task: TableTask, predictions: readonly Tensor[], target: Tensor): Blend {
  const sets = subsets(predictions.length);
  const equally = sets.map((chosen) => {
    const shares = predictions.map((_, i) => (chosen.includes(i) ? 1 / chosen.length : 0));
    return scored(task, predictions, target, shares);
  });
  const best = lowest(equally.filter((_, i) => sets[i].length === 1));
  const together =
    task === "regression"
      ? lowest(sets.map((chosen) => stacked(predictions, target, chosen)))
      : tempered(predictions, target, lowest(equally));
  const needed = 1 - Math.max(WORTH, predictions.length / target.shape[0]);
  return together.score < needed * best.score ? together : best;
}

const lowest = (blends: readonly Blend[]): Blend => blends.reduce((a, b) => (b.score < a.score ? b : a));

function scored(task: TableTask, predictions: readonly Tensor[], target: Tensor, shares: number[]): Blend {
  const score = lossOf(task, mix(predictions, shares), target);
  return { shares, score: Number.isFinite(score) ? score : Infinity };
}

/** Σ share · prediction. */
export function mix(predictions: readonly Tensor[], shares: readonly number[]): Tensor {
  const [{ data, shape }] = predictions;
  const mixed = new Float32Array(data.length);
  for (const [k, prediction] of predictions.entries()) {
    if (shares[k] !== 0) for (let i = 0; i < mixed.length; i++) mixed[i] += shares[k] * prediction.data[i];
  }
  return { data: mixed, shape };
}

/** All sets of predictors but the empty one. */
const subsets = (n: number): number[][] =>
  Array.from({ length: 2 ** n - 1 }, (_, mask) =>
    Array.from({ length: n }, (_, i) => i).filter((i) => ((mask + 1) >> i) & 1),
  );

/** Least squares over some predictors; out of the question where a share is negative. */
function stacked(predictions: readonly Tensor[], target: Tensor, chosen: readonly number[]): Blend {
  const rows = target.data.length;
  const design = new Float64Array(rows * chosen.length);
  for (const [k, p] of chosen.entries()) {
    for (let i = 0; i < rows; i++) design[i * chosen.length + k] = predictions[p].data[i];
  }
  const found = leastSquares(design, target.data, rows, { columns: chosen.length, outputs: 1, ridge: 1e-6 });
  const shares = predictions.map((_, p) => (chosen.includes(p) ? Math.min(1, found[chosen.indexOf(p)]) : 0));
  if (!shares.every((share) => share >= 0)) return { shares, score: Infinity };
  return scored("regression", predictions, target, shares);
}

/** The factor on the logits, by golden-section search over its logarithm. */
function tempered(predictions: readonly Tensor[], target: Tensor, { shares }: Blend): Blend {
  const at = (log: number) =>
    scored(
      "classification",
      predictions,
      target,
      shares.map((share) => share * Math.exp(log)),
    );
  const golden = (Math.sqrt(5) - 1) / 2;
  let [low, high] = [Math.log(0.1), Math.log(3)];
  for (let i = 0; i < 30; i++) {
    const [a, b] = [high - golden * (high - low), low + golden * (high - low)];
    if (at(a).score < at(b).score) high = b;
    else low = a;
  }
  return at((low + high) / 2);
}
