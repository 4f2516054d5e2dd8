// A. Vaswani et al., arXiv:1706.03762, with the normalisation before each part: R. Xiong et al., arXiv:2002.04745.
import type { AnyLayer, Layer, Params } from "../nn/layer.ts";
import { layerNorm } from "../nn/layer-norm.ts";
import { residual } from "../nn/residual.ts";
import { sequential } from "../nn/sequential.ts";

/** The parts of a {@link transformerBlock}: layers from (batch, tokens, features) to the same. */
export type TransformerBlockParts = { attention: AnyLayer; feedForward: AnyLayer };

/**
 * x ← x + attention(norm(x)); x ← x + feedForward(norm(x)).
 *
 * Shapes: (batch, tokens, features) → the same.
 *
 * @example
 * ```ts
 * const usual = transformerBlock(48, { attention: multiHeadAttention(48), feedForward: mlp([48, 96, 48], { nonlinearity: "gelu" }) });
 * const gaussian = transformerBlock(48, { attention: gaussianAttention(48), feedForward: gmnm(48, 48) });
 * ```
 */
export function transformerBlock(features: number, { attention, feedForward }: TransformerBlockParts): Layer<Params[]> {
  return sequential(
    residual(sequential(layerNorm(features), attention)),
    residual(sequential(layerNorm(features), feedForward)),
  );
}
