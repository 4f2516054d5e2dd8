import { tree } from "@jax-js/jax";
import { GmnmError } from "../errors.ts";
import { showShape } from "../tensor.ts";
import type { AnyLayer, Layer, Params } from "./layer.ts";

/**
 * Layers side by side that see the same input and whose results are added: Σ_i layer_i(x). Parameters are a list, one entry per layer.
 *
 * @example
 * ```ts
 * const forecaster = sum(overTime(linear(48, 12)), sequential(relativeToLastValue(), overTime(gmnm(48, 12))));
 * ```
 * @throws GmnmError when there is no layer, and when results have different shapes, which broadcasting would hide.
 */
export function sum(...layers: AnyLayer[]): Layer<Params[]> {
  if (layers.length === 0) throw new GmnmError("sum needs at least one layer, got none");
  return {
    config: { type: "sum", layers: layers.map((layer) => layer.config) },
    init: (random, sample) => layers.map((layer) => layer.init(random.split(), sample)),
    apply(params, x, context) {
      if (params.length !== layers.length) {
        throw new GmnmError(`sum has ${layers.length} layers, got parameters for ${params.length}`);
      }
      const results = layers.map((layer, i) => layer.apply(params[i], tree.ref(x), context));
      x.dispose();
      const [first, ...others] = results;
      const shape = showShape(first.shape);
      return others.reduce((total, result, i) => {
        if (showShape(result.shape) !== shape) {
          const got = showShape(result.shape);
          throw new GmnmError(`sum expected layer ${i + 2} to give the shape ${shape} of layer 1, got ${got}`);
        }
        return total.add(result);
      }, first);
    },
    adapt: (params, sample) => layers.map((layer, i) => layer.adapt?.(params[i], sample) ?? params[i]),
  };
}
