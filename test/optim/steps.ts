// Takes an optimiser's steps outside of training, with given gradients.
import { jit, numpy as np, tree } from "@jax-js/jax";
import type { Params } from "../../src/nn/layer.ts";
import type { Optimizer } from "../../src/optim/transform.ts";
import { namedTensors, placeParams, readParams } from "../../src/params.ts";
import { type Tensor, tensor } from "../../src/tensor.ts";

type Named = Record<string, number[]>;

const tensors = (values: Named): Record<string, Tensor> =>
  Object.fromEntries(Object.entries(values).map(([name, list]) => [name, tensor(list, [list.length])]));

/** The parameters after each step; one step per set of gradients. */
export function takeSteps(optimizer: Optimizer, start: Named, gradients: Named[], compiled = true): Named[] {
  const step = (params: Params, state: Params, gradient: Params, rate: np.Array): [Params, Params] => {
    const [updates, next] = optimizer.update(gradient, state, tree.ref(params));
    const moved = tree.map((p: np.Array, u: np.Array) => p.sub(u.mul(rate.ref)), params, updates) as Params;
    rate.dispose();
    return [moved, next];
  };
  const traced = jit(step);
  let params = placeParams(tensors(start));
  let state = optimizer.init(tree.ref(params));
  const after = gradients.map((gradient, i) => {
    const rate = np.array(optimizer.learningRate(i, gradients.length), { dtype: np.float32 });
    [params, state] = (compiled ? traced : step)(params, state, placeParams(tensors(gradient)), rate) as [
      Params,
      Params,
    ];
    return Object.fromEntries(namedTensors(readParams(params)).map(([name, { data }]) => [name, [...data]]));
  });
  tree.dispose([params, state]);
  traced.dispose();
  return after;
}
