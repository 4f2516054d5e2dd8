// How far a row lies from everything a mixture was made of: what only a module of distances can tell. Our choice of measure.
import { GmnmError } from "../errors.ts";
import type { Model } from "../model.ts";
import { squaredDistances } from "../nn/components.ts";
import type { LayerConfig } from "../nn/layer.ts";
import { isMixture } from "../nn/mixture.ts";
import type { ParamTensors } from "../params.ts";
import type { Tensor } from "../tensor.ts";

/**
 * Distance of every row x (rows, inFeatures) to the nearest Gaussian, in that Gaussian's own widths: min_k ‖P_k (x − μ_k)‖. About 1 or less where
 * the mixture knows its way; at 4 a Gaussian has faded to e⁻⁸, and of the model only its linear path and bias are left.
 *
 * Components are as wide as training made them. In a direction that does not matter to the target they are very wide, and being far out in it is
 * no novelty.
 *
 * @example
 * ```ts
 * const strangers = [...novelty(model, x)].filter((distance) => distance > 3).length;
 * ```
 * @throws GmnmError for a model none of whose mixtures sees the features themselves, and for x of another shape.
 */
export function novelty(model: Model, x: Tensor): Float64Array {
  const mixtures = mixturesOfFeatures(model.layer.config, model.params);
  if (mixtures.length === 0) {
    throw new GmnmError(
      `novelty needs a mixture that sees the features; a model of type ${model.layer.config.type} has none`,
    );
  }
  const [rows, d] = x.shape;
  const nearest = new Float64Array(rows).fill(Infinity);
  for (const { config, params } of mixtures) {
    if (d !== config.inFeatures) {
      throw new GmnmError(`novelty expected x of shape (rows, ${config.inFeatures}), got (${x.shape.join(", ")})`);
    }
    let i = 0;
    for (const squares of squaredDistances(config, params, x)) {
      nearest[i] = squares.reduce((least, squared) => Math.min(least, squared), nearest[i]);
      i++;
    }
  }
  return nearest.map(Math.sqrt);
}

/** True where {@link novelty} has something to say. */
export const knowsNovelty = ({ layer, params }: Model): boolean => mixturesOfFeatures(layer.config, params).length > 0;

/** The mixtures whose input is the model's own: the model itself, members of an ensemble, the first of a sequence. */
export function mixturesOfFeatures(
  config: LayerConfig,
  params: ParamTensors,
): { config: LayerConfig; params: ParamTensors }[] {
  if (isMixture(config)) return [{ config, params }];
  const inner = Array.isArray(config.layers) ? (config.layers as LayerConfig[]) : [];
  const own = params as ParamTensors[];
  if (config.type === "ensemble") return inner.flatMap((layer, i) => mixturesOfFeatures(layer, own[i]));
  if (config.type === "sequential" && inner.length > 0) return mixturesOfFeatures(inner[0], own[0]);
  return [];
}
