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

/**
 * The one number that is to be low when predictors are compared: RMSE, or the log loss with one row's worth of doubt spread over the classes of
 * all rows. Without doubt, rows that happen to be told apart without an error would favour whoever is surest.
 */
export function lossOf(task: TableTask, prediction: Tensor, target: Tensor): number {
  if (task === "regression") return rmse(prediction, target);
  const [rows, classes] = target.shape;
  const doubt = 1 / (rows + 1);
  return negativeLogLikelihood(prediction, {
    data: target.data.map((share) => (1 - doubt) * share + doubt / classes),
    shape: target.shape,
  });
}
