import { type numpy as np, tree, valueAndGrad } from "@jax-js/jax";
import type { Step } from "../compile/compile.ts";
import type { Params } from "../nn/layer.ts";
import { globalNorm, type Optimizer } from "../optim/transform.ts";
import { BufferUpdates, replace } from "./buffer-updates.ts";
import type { Objective } from "./minimize.ts";
import { noiseContext } from "./noise.ts";
import type { Ravel } from "./ravel.ts";

type Arrays = Record<string, np.Array>;

/** Parameters as a training step keeps them: the trained as vectors (see {@link Ravel}), the rest by path. */
export type SplitParams = { trainable: Arrays; buffers: Arrays };

/**
 * The pure function that takes one step: the loss, its gradient, the optimiser's updates, the new parameters, and the buffers with what
 * layers put in their place.
 * A step whose loss or gradient norm is not finite changes nothing (see `CompiledStep`), so that what was learnt is kept and the culprit
 * can be found.
 */
export function trainingStep(
  objective: Objective,
  optimizer: Optimizer,
  combine: (trainable: Arrays, buffers: Arrays) => Params,
  ravel: Ravel,
): Step<"loss" | "gradientNorm"> {
  return (params, state, batch, { learningRate }) => {
    const { trainable, buffers } = params as SplitParams;
    const { data, noise } = batch as { data: Arrays; noise: Arrays };
    const one = argumentOne(learningRate.ref);
    const updates = new BufferUpdates(buffers);
    const objectiveOf = (p: Arrays): [loss: np.Array, updated: Arrays] => {
      const context = { ...noiseContext(noise), update: updates.update };
      return [objective(combine(p, tree.ref(buffers)), data, context).mul(one), updates.take()];
    };
    const differentiate = valueAndGrad(objectiveOf, { hasAux: true });
    const [[loss, updated], gradients] = differentiate(ravel.split(tree.ref(trainable))) as [
      [np.Array, Arrays],
      Arrays,
    ];
    const gradient = ravel.join(gradients);
    const gradientNorm = globalNorm(tree.ref(gradient));
    const [directions, nextState] = optimizer.update(gradient, state, tree.ref(trainable));
    const moved = tree.map(
      (p: np.Array, u: np.Array) => p.sub(u.mul(learningRate.ref)),
      trainable,
      directions as Arrays,
    );
    learningRate.dispose();
    return [{ trainable: moved as Arrays, buffers: replace(buffers, updated) }, nextState, { loss, gradientNorm }];
  };
}

/**
 * The number 1, made of an argument. jax-js 0.1.25 compiles padding and concatenation of constants wrongly: they reach into their
 * neighbours. So no gradient may be a constant: the loss is multiplied by this. The native executor folds it away. Consumes x.
 */
export const argumentOne = (x: np.Array): np.Array => x.mul(0).sum().add(1);
