import { type numpy as np, tree, valueAndGrad } from "@jax-js/jax";
import type { Step } from "../compile/compile.ts";
import type { Params } from "../nn/layer.ts";
import { globalNorm, type Optimizer } from "../optim/transform.ts";
import type { Objective } from "./minimize.ts";
import { noiseContext } from "./noise.ts";
import type { Ravel } from "./ravel.ts";

type Arrays = Record<string, np.Array>;

/** Parameters as a training step keeps them: the trained as vectors (see {@link Ravel}), the rest by path. */
export type SplitParams = { trainable: Arrays; buffers: Arrays };

/**
 * The pure function that takes one step: the loss, its gradient, the optimiser's updates, the new parameters.
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
    const objectiveOf = (p: Arrays) => objective(combine(p, tree.ref(buffers)), data, noiseContext(noise)).mul(one);
    const [loss, gradients] = valueAndGrad(objectiveOf)(ravel.split(tree.ref(trainable))) as [np.Array, Arrays];
    const gradient = ravel.join(gradients);
    const gradientNorm = globalNorm(tree.ref(gradient));
    const [updates, nextState] = optimizer.update(gradient, state, tree.ref(trainable));
    const moved = tree.map((p: np.Array, u: np.Array) => p.sub(u.mul(learningRate.ref)), trainable, updates as Arrays);
    learningRate.dispose();
    return [{ trainable: moved as Arrays, buffers }, nextState, { loss, gradientNorm }];
  };
}

/**
 * The number 1, made of an argument. jax-js 0.1.25 compiles padding and concatenation of constants wrongly: they reach into their
 * neighbours. So no gradient may be a constant: the loss is multiplied by this. The native executor folds it away. Consumes x.
 */
export const argumentOne = (x: np.Array): np.Array => x.mul(0).sum().add(1);
