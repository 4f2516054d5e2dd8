import { tree } from "@jax-js/jax";
import { GmnmError } from "../errors.ts";
import { showShape } from "../tensor.ts";
import type { AnyLayer, Layer, Params } from "./layer.ts";

/**
 * Layers that see the same input and whose results are added: what is common to `sum` and `ensemble`. Parameters are a list, one entry per layer.
 *
 * @throws GmnmError without layers, and when their results differ in shape, which broadcasting would hide.
 */
export function sideBySide(type: string, layers: readonly AnyLayer[]): Layer<Params[]> {
  if (layers.length === 0) throw new GmnmError(`${type} needs at least one layer, got none`);
  return {
    config: { type, layers: layers.map((layer) => layer.config) },
    init: (random, sample) => layers.map((layer) => layer.init(random.split(), sample)),
    apply(params, x, context) {
      if (params.length !== layers.length) {
        throw new GmnmError(`${type} has ${layers.length} layers, got parameters for ${params.length}`);
      }
      const results = layers.map((layer, i) => layer.apply(params[i], x.ref, context));
      x.dispose();
      const [shape, ...others] = results.map((result) => showShape(result.shape));
      const stranger = others.find((other) => other !== shape);
      if (stranger !== undefined) {
        tree.dispose(results);
        throw new GmnmError(`the layers of ${type} must make results of one shape, got ${shape} and ${stranger}`);
      }
      return results.reduce((total, result) => total.add(result));
    },
    adapt: (params, sample) => layers.map((layer, i) => layer.adapt?.(params[i], sample) ?? params[i]),
  };
}
