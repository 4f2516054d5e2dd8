import { GmnmError } from "../errors.ts";
import { type ParamTensors, placeParams } from "../params.ts";
import { type Tensor, toArray, toTensor } from "../tensor.ts";
import { type GaussianAttentionParams, gaussianShares } from "./gaussian-attention.ts";
import { projectToHeads } from "./heads.ts";
import type { LayerConfig } from "./layer.ts";
import { softmaxShares } from "./multi-head-attention.ts";

type AttentionConfig = { type: string; features: number; numHeads: number; causal: boolean; normalize: boolean };

/**
 * How much every token takes of every other, as a trained layer of attention has it, to draw or inspect.
 *
 * @param config - the layer's config.
 * @param params - its parameters.
 * @param tokens - what the layer gets, (batch, tokens, features).
 * @returns (batch, numHeads, tokens, tokens); row i says what token i takes, and sums to 1.
 *
 * @example
 * ```ts
 * const shares = attentionMap(layer.config, params, tokens);
 * ```
 * @throws GmnmError for a layer of another type.
 */
export function attentionMap(config: LayerConfig, params: ParamTensors, tokens: Tensor): Tensor {
  if (config.type !== "multiHeadAttention" && config.type !== "gaussianAttention") {
    throw new GmnmError(
      `a layer of type ${config.type} has no attention to show; multiHeadAttention and gaussianAttention have`,
    );
  }
  const known = config as LayerConfig & AttentionConfig;
  const arrays = placeParams(params) as unknown as GaussianAttentionParams;
  const { outputWeights, outputBias, inputWeights, inputBias, ...kernels } = arrays;
  outputWeights.dispose();
  outputBias.dispose();
  const sharesOf = config.type === "gaussianAttention" ? gaussianShares(known, kernels) : softmaxShares(known);
  const [q, k, value] = projectToHeads(known, { inputWeights, inputBias }, toArray(tokens));
  value.dispose();
  return toTensor(sharesOf(q, k));
}
