import { accuracy, relativeL2, relativeRmse, type Tensor } from "../gmnm.ts";
import type { LossName } from "../tasks/problem.ts";

/** How far predictions are from what is true: relative RMSE, for an equation relative L2, for classes the share that is wrong. */
export function errorOf(loss: LossName, predictions: Tensor, target: Tensor): number {
  if (loss === "mse") return relativeRmse(predictions, target);
  if (loss === "poisson") return relativeL2(predictions, target);
  if (loss === "crossEntropy") return 1 - accuracy(predictions, target);
  let wrong = 0;
  target.data.forEach((label, i) => {
    if (predictions.data[i] > 0 !== label > 0.5) wrong++;
  });
  return wrong / target.data.length;
}
