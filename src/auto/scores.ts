// How well predictions on held-out rows do: what is minimised to choose, and what is shown.
import type { Tensor } from "../tensor.ts";
import { accuracy, meanAbsoluteError, negativeLogLikelihood, r2, rmse } from "../train/metrics.ts";
import type { TableTask } from "./types.ts";

/** Of numbers, in units of the targets as given to `fitTable`; of classes, log loss in nats. */
export type Scores = { rmse: number; mae: number; r2: number } | { accuracy: number; logLoss: number };

/** The scores that users see. */
export function scoresOf(task: TableTask, prediction: Tensor, target: Tensor): Scores {
  if (task === "classification") {
    return { accuracy: accuracy(prediction, target), logLoss: negativeLogLikelihood(prediction, target) };
  }
  return { rmse: rmse(prediction, target), mae: meanAbsoluteError(prediction, target), r2: r2(prediction, target) };
}

/** The one number that is to be low: RMSE, or log loss. */
export const lossOf = (task: TableTask, prediction: Tensor, target: Tensor): number =>
  task === "classification" ? negativeLogLikelihood(prediction, target) : rmse(prediction, target);
