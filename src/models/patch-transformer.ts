// A. Dosovitskiy et al., "An image is worth 16x16 words", arXiv:2010.11929, with the mean of the tokens in place of a token for the class.
import { GmnmError } from "../errors.ts";
import type { AnyLayer, Layer, Params } from "../nn/layer.ts";
import { layerNorm } from "../nn/layer-norm.ts";
import { linear } from "../nn/linear.ts";
import { multiHeadAttention } from "../nn/multi-head-attention.ts";
import { patchTokens } from "../nn/patch-tokens.ts";
import { globalAvgPool1d } from "../nn/pool1d.ts";
import { positions } from "../nn/positions.ts";
import { sequential } from "../nn/sequential.ts";
import { sizeOf } from "../tensor.ts";
import { mlp } from "./mlp.ts";
import { transformerBlock } from "./transformer-block.ts";

/** Options of {@link patchTransformer}. */
export type PatchTransformerOptions = {
  /** Pixels along each side of a patch, or times in it. Default 4. */
  patchSize?: number;
  /** Features of a token. Default 48. */
  width?: number;
  /** Default 2. */
  blocks?: number;
  /** Default {@link multiHeadAttention} with 4 heads. */
  attention?: (features: number) => AnyLayer;
  /** Default two linear maps with twice the width and GELU between them. */
  feedForward?: (features: number) => AnyLayer;
};

/**
 * Cuts an image or a series into patches, gives each a learnt position, lets transformer blocks mix them, and maps their mean to the outputs.
 *
 * Shapes: (batch, ...shape) → (batch, outFeatures), for a shape (height, width, channels) or (time, columns).
 *
 * @example
 * ```ts
 * const classifier = patchTransformer([28, 28, 1], 10, { attention: gaussianAttention });
 * const forecaster = sequential(patchTransformer([336, 7], 96 * 7, { patchSize: 24 }), unflatten([96, 7]));
 * ```
 * @throws GmnmError where the patches do not fill the shape.
 */
export function patchTransformer(
  shape: readonly number[],
  outFeatures: number,
  options: PatchTransformerOptions = {},
): Layer<Params[]> {
  const { patchSize = 4, width = 48, blocks = 2, attention = multiHeadAttention } = options;
  const { feedForward = (features: number) => mlp([features, 2 * features, features], { nonlinearity: "gelu" }) } =
    options;
  const sides = shape.slice(0, -1);
  if (sides.some((side) => side % patchSize)) {
    throw new GmnmError(`patchSize of patchTransformer must divide the sides ${sides.join(" and ")}, got ${patchSize}`);
  }
  const tokens = sizeOf(sides) / patchSize ** sides.length;
  const perPatch = patchSize ** sides.length * shape[shape.length - 1];
  return sequential(
    patchTokens(patchSize), // (batch, tokens, perPatch)
    linear(perPatch, width), // (batch, tokens, width)
    positions(tokens, width),
    ...Array.from({ length: blocks }, () =>
      transformerBlock(width, { attention: attention(width), feedForward: feedForward(width) }),
    ),
    layerNorm(width),
    globalAvgPool1d(), // (batch, width)
    linear(width, outFeatures),
  );
}
