// How right predictions are, in the target's own unit: what `gmnm evaluate` prints.
import { GmnmError } from "../errors.ts";

/** Of one column of numbers. R² is 1 − Σ(p − t)² / Σ(t − mean t)², 0 where the truth does not vary and is missed. */
export type NumberScores = { rmse: number; mae: number; r2: number };

/** Of classes. Log loss is the mean of −log of the probability given to the true class, in nats. */
export type ClassScores = { accuracy: number; logLoss: number };

/** A probability of 0 for what happened would make the log loss infinite, whatever else was said. */
const LEAST_PROBABILITY = 1e-15;

/** @throws GmnmError when there is not one prediction for each truth. */
export function numberScores(predicted: ArrayLike<number>, truth: ArrayLike<number>): NumberScores {
  const n = truth.length;
  if (predicted.length !== n || n === 0) throw new GmnmError(`${predicted.length} predictions for ${n} true values`);
  let [squared, absolute, sum] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    squared += (predicted[i] - truth[i]) ** 2;
    absolute += Math.abs(predicted[i] - truth[i]);
    sum += truth[i];
  }
  let total = 0;
  for (let i = 0; i < n; i++) total += (truth[i] - sum / n) ** 2;
  return {
    rmse: Math.sqrt(squared / n),
    mae: absolute / n,
    r2: total > 0 ? 1 - squared / total : Number(squared === 0),
  };
}

/**
 * @param probabilities (rows × classes), row by row.
 * @param truth the place of each row's class among the classes; −1 for a class that the model does not know, which is never right.
 */
export function classScores(probabilities: ArrayLike<number>, truth: ArrayLike<number>, classes: number): ClassScores {
  let [right, loss] = [0, 0];
  for (let i = 0; i < truth.length; i++) {
    right += Number(likeliest(probabilities, i, classes) === truth[i]);
    const given = truth[i] < 0 ? 0 : probabilities[i * classes + truth[i]];
    loss -= Math.log(Math.max(given, LEAST_PROBABILITY));
  }
  return { accuracy: right / truth.length, logLoss: loss / truth.length };
}

/** How often each class (row) was taken for each (column). Rows of a class that the model does not know are left out. */
export function confusionCounts(
  probabilities: ArrayLike<number>,
  truth: ArrayLike<number>,
  classes: number,
): number[][] {
  const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (let i = 0; i < truth.length; i++) if (truth[i] >= 0) counts[truth[i]][likeliest(probabilities, i, classes)]++;
  return counts;
}

/** The place of the class with the largest probability. */
function likeliest(probabilities: ArrayLike<number>, row: number, classes: number): number {
  let best = 0;
  for (let c = 1; c < classes; c++) {
    if (probabilities[row * classes + c] > probabilities[row * classes + best]) best = c;
  }
  return best;
}
