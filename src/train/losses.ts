import { nn, numpy as np } from "@jax-js/jax";
import { GmnmError } from "../errors.ts";

/** A training loss: (prediction, target), both (batch, outputs) → scalar. Consumes both. */
export type Loss = (prediction: np.Array, target: np.Array) => np.Array;

/** Mean squared error. */
export const mse: Loss = (prediction, target) => np.square(prediction.sub(target)).mean();

/** Mean absolute error. */
export const mae: Loss = (prediction, target) => np.abs(prediction.sub(target)).mean();

/** Huber's loss: a square up to `delta`, linear beyond, so that outliers pull less. */
export const huber =
  (delta = 1): Loss =>
  (prediction, target) => {
    const error = np.abs(prediction.sub(target));
    const square = np.minimum(error.ref, delta);
    return square.ref.mul(error.sub(square.mul(0.5))).mean();
  };

/** Mean of −Σ target · log softmax(prediction): logits and one-hot (or soft) targets, (…, classes) each. */
export const crossEntropy: Loss = (logits, target) => nn.logSoftmax(logits, -1).mul(target).sum(-1).mean().neg();

/** A loss would broadcast shapes that differ and measure something else. */
export function compare(loss: Loss, prediction: np.Array, target: np.Array): np.Array {
  const [made, given] = [prediction, target].map(({ shape }) => `(${["rows", ...shape.slice(1)].join(", ")})`);
  if (made !== given) throw new GmnmError(`expected y of shape ${made}, as the model makes it, got ${given}`);
  return loss(prediction, target);
}
