// K. He, X. Zhang, S. Ren, J. Sun, "Deep Residual Learning for Image Recognition", arXiv:1512.03385.
import { GmnmError } from "../errors.ts";
import { showShape } from "../tensor.ts";
import type { AnyLayer, Layer, Params } from "./layer.ts";

/**
 * What a layer makes of x, added to x: y = x + layer(x). Parameters are those of the layer.
 *
 * Shapes: those of the layer, whose result must have the shape of its input.
 *
 * @example
 * ```ts
 * const block = residual(sequential(layerNorm(64), gmnm(64, 64)));
 * ```
 * @throws GmnmError when the layer's result has another shape than x.
 */
export function residual(layer: AnyLayer): Layer<Params> {
  if (typeof layer?.apply !== "function") throw new GmnmError(`layer of residual must be a layer, got ${typeof layer}`);
  const { adapt } = layer;
  return {
    config: { type: "residual", layer: layer.config },
    init: (random, sample) => layer.init(random, sample),
    apply(params, x, context) {
      const change = layer.apply(params, x.ref, context);
      const [given, made] = [x, change].map(({ shape }) => showShape(shape));
      if (given !== made) throw new GmnmError(`residual needs a layer that keeps the shape ${given}, got ${made}`);
      return x.add(change);
    },
    ...(adapt && { adapt: (params: Params, sample) => adapt(params, sample) }),
  };
}
