// The mean of several models is usually better than any of them: L. Breiman, "Bagging predictors", Machine Learning 24 (1996).
import { tree } from "@jax-js/jax";
import { GmnmError } from "../errors.ts";
import { showShape } from "../tensor.ts";
import type { AnyLayer, Layer, Params } from "./layer.ts";

/**
 * The mean of what several layers make of the same input. Parameters are a list, one entry per layer.
 *
 * Shapes: those of the layers, which must agree.
 *
 * @example
 * ```ts
 * const both = ensemble(gmnm(8, 1, { covariance: "diagonal" }), gmnm(8, 1, { covariance: "lowRank", rank: 4 }));
 * ```
 * @throws GmnmError without layers, and when their results differ in shape, which broadcasting would hide.
 */
export function ensemble(...layers: AnyLayer[]): Layer<Params[]> {
  if (layers.length === 0) throw new GmnmError("ensemble needs at least one layer, got none");
  return {
    config: { type: "ensemble", layers: layers.map((layer) => layer.config) },
    init: (random, sample) => layers.map((layer) => layer.init(random.split(), sample)),
    apply(params, x, context) {
      if (params.length !== layers.length) {
        throw new GmnmError(`ensemble has ${layers.length} layers, got parameters for ${params.length}`);
      }
      const results = layers.map((layer, i) => layer.apply(params[i], x.ref, context));
      x.dispose();
      const [shape, ...others] = results.map((result) => showShape(result.shape));
      const stranger = others.find((other) => other !== shape);
      if (stranger !== undefined) {
        tree.dispose(results);
        throw new GmnmError(`the layers of ensemble must make results of one shape, got ${shape} and ${stranger}`);
      }
      return results.reduce((sum, result) => sum.add(result)).mul(1 / layers.length);
    },
    adapt: (params, sample) => layers.map((layer, i) => layer.adapt?.(params[i], sample) ?? params[i]),
  };
}
