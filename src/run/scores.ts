// How right predictions are, in the target's own unit: what `gmnm evaluate` prints.
import { meanAbsoluteError, r2, rmse } from "../train/metrics.ts";

/** Of one column of numbers. Where the truth does not vary, R² is 1 when it is met and else 0. */
export type NumberScores = { rmse: number; mae: number; r2: number };

/** Of classes. Log loss is the mean of −log of the probability given to the true class, in nats. */
export type ClassScores = { accuracy: number; logLoss: number };

/** A probability of 0 for what happened would make the log loss infinite, whatever else was said. */
const LEAST_PROBABILITY = 1e-15;

/** @throws GmnmError when there is not one prediction for each truth. */
export function numberScores(predicted: Float64Array, truth: Float64Array): NumberScores {
  const [p, t] = [predicted, truth].map((data) => ({ data, shape: [data.length, 1] }));
  const [error, explained] = [rmse(p, t), r2(p, t)];
  return {
    rmse: error,
    mae: meanAbsoluteError(p, t),
    r2: Number.isFinite(explained) ? explained : Number(error === 0),
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
