// K. He, X. Zhang, S. Ren, J. Sun, "Deep residual learning for image recognition", arXiv:1512.03385, equation 1.
import { GmnmError } from "../errors.ts";
import { showShape } from "../tensor.ts";
import type { AnyLayer, Layer, Params } from "./layer.ts";

/**
 * A layer and the identity beside it: x + layer(x). Its parameters are those of the layer.
 *
 * Shapes: those of the layer, whose result must have the shape of x.
 *
 * @example
 * ```ts
 * const block = residual(sequential(layerNorm(64), gmnm(64, 64)));
 * ```
 * @throws GmnmError when the layer's result has another shape than x, which broadcasting would hide.
 */
export function residual(layer: AnyLayer): Layer<Params> {
  return {
    config: { type: "residual", layer: layer.config },
    init: (random, sample) => layer.init(random, sample),
    apply(params, x, context) {
      const shape = x.shape;
      const y = layer.apply(params, x.ref, context);
      if (showShape(y.shape) !== showShape(shape)) {
        throw new GmnmError(
          `residual expected its layer to keep the shape ${showShape(shape)} of x, got ${showShape(y.shape)}`,
        );
      }
      return x.add(y);
    },
    adapt: (params, sample) => layer.adapt?.(params, sample) ?? params,
  };
}
