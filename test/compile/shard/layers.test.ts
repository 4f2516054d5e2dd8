// What layers, losses and optimisers make of a batch in shards is what they make of it whole.
import { numpy as np, tree, valueAndGrad } from "@jax-js/jax";
import { expect } from "vitest";
import type { Params } from "../../../src/nn/layer.ts";
import { type ParamTensors, partition } from "../../../src/params.ts";
import { type LayerCase, layerCases } from "../../contract/cases.ts";
import { pointOf } from "../../contract/points.ts";
import { relativeError } from "../../gradients.ts";
import { nativeTest } from "../native.ts";
import { computeInShards, computeWhole } from "./shards.ts";

/** A loss of a layer on three examples, a sum over what it makes of each, with its gradient. */
function lossOf(given: LayerCase): [fn: (...args: never[]) => unknown, args: ParamTensors[]] {
  const { layer, params, x, cotangent, context } = pointOf(given);
  const fn = (p: Params, { x, cotangent }: Record<string, np.Array>) => {
    const { trainable, buffers, combine } = partition(p);
    const loss = (trained: typeof trainable) => {
      const y = layer.apply(combine(trained, tree.ref(buffers)), x.ref, context);
      return np.tanh(y.mul(cotangent)).mean();
    };
    const found = valueAndGrad(loss)(trainable);
    tree.dispose([buffers, x]);
    return found;
  };
  return [fn, [params, { x, cotangent }]];
}

/** Layers that look at all rows at once, and one whose random numbers are part of the function here, where a training has them in its batch. */
const WHOLE = ["batchNorm of rows while training", "batchNorm of images while training", "dropout while training"];

nativeTest.each(layerCases)("$name", async (given) => {
  const [fn, args] = lossOf(given);
  // Of three rows, two shards are not of the same size.
  const runs = await computeInShards(fn, args);
  if (WHOLE.includes(given.name)) return expect(runs).toBeUndefined();
  const expected = await computeWhole(fn, args);
  for (const [i, result] of expected.entries()) expect(relativeError(runs![0][i], result)).toBeLessThan(1e-5);
});
