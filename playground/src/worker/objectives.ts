// Losses of the tasks, as functions of arrays that are traced and differentiated.
import { type AnyLayer, crossEntropy, laplacian, mse, np, type Objective, tree } from "../gmnm.ts";
import type { LossName } from "../tasks/problem.ts";

type Arrays = Record<string, np.Array>;

/** What a layer is to make small for a task. */
export function objectiveOf(layer: AnyLayer, loss: LossName): Objective {
  if (loss === "poisson") return physicsLoss(layer);
  const compare = loss === "mse" ? mse : loss === "logistic" ? logistic : crossEntropy;
  return (params, { x, y }: Arrays, context) => compare(layer.apply(params, x, context), y);
}

/** Mean of −log of the probability given to the class, logits z and classes 0 or 1: max(z, 0) − z t + log(1 + e^−|z|). */
function logistic(z: np.Array, t: np.Array): np.Array {
  const tail = np.log(np.exp(np.abs(z.ref).neg()).add(1));
  return np.maximum(z.ref, 0).sub(z.mul(t)).add(tail).mean();
}

/** 0.01 · mean square of the equation's residual + mean square of the values on the boundary. */
const physicsLoss =
  (layer: AnyLayer): Objective =>
  (params, { interior, boundary, source }: Arrays) => {
    const u = (x: np.Array) => layer.apply(tree.ref(params), x, {});
    const residual = laplacian(u, 2)(interior).sub(source); // (points, 1)
    const edge = layer.apply(params, boundary, {}); // (points, 1)
    return np.square(residual).mean().mul(0.01).add(np.square(edge).mean());
  };
