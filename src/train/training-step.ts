import { numpy as np, tree, valueAndGrad } from "@jax-js/jax";
import type { Step } from "../compile/compile.ts";
import type { Params } from "../nn/layer.ts";
import { globalNorm, type Optimizer } from "../optim/transform.ts";
import type { Objective } from "./minimize.ts";
import { noiseContext } from "./noise.ts";

type Arrays = Record<string, np.Array>;

/** Parameters as a training step keeps them: by path, the trained apart from the rest. */
export type SplitParams = { trainable: Arrays; buffers: Arrays };

/**
 * The pure function that takes one step: the loss, its gradient, the optimiser's updates, the new parameters.
 * A step whose loss or gradient is not finite changes nothing, so that what was learnt is kept and the culprit can be found.
 */
export function trainingStep(
  objective: Objective,
  optimizer: Optimizer,
  combine: (trainable: Arrays, buffers: Arrays) => Params,
): Step<"loss" | "gradientNorm"> {
  return (params, state, batch, { learningRate }) => {
    const { trainable, buffers } = params as SplitParams;
    const { data, noise } = batch as { data: Arrays; noise: Arrays };
    const objectiveOf = (p: Arrays) => objective(combine(p, tree.ref(buffers)), data, noiseContext(noise));
    const [loss, gradients] = valueAndGrad(objectiveOf)(tree.ref(trainable)) as [np.Array, Arrays];
    const gradientNorm = globalNorm(tree.ref(gradients));
    const finite = np.isfinite(loss.ref.add(gradientNorm.ref));
    const choose = (next: np.Array, previous: np.Array) => np.where(finite.ref, next, previous);
    const [updates, nextState] = optimizer.update(gradients, tree.ref(state), tree.ref(trainable));
    const moved = tree.map(
      (p: np.Array, u: np.Array) => choose(p.ref.sub(u.mul(learningRate.ref)), p),
      trainable,
      updates as Arrays,
    );
    const remembered = tree.map(choose, nextState, state) as Params;
    tree.dispose([finite, learningRate]);
    return [{ trainable: moved as Arrays, buffers }, remembered, { loss, gradientNorm }];
  };
}
