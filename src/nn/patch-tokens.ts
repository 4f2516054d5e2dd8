// A. Dosovitskiy et al., "An image is worth 16x16 words", arXiv:2010.11929, section 3.1; for series Y. Nie et al., "A time series is worth 64
// words", arXiv:2211.14730, here with all columns in one patch and no overlap (our choice).
import * as v from "valibot";
import { GmnmError } from "../errors.ts";
import { showShape, sizeOf } from "../tensor.ts";
import type { Layer } from "./layer.ts";
import { checkOptions, count } from "./options.ts";

const schema = v.strictObject({ size: count });

/**
 * Cuts images or series into patches, side by side, and makes each a token.
 *
 * Shapes: (batch, height, width, channels) → (batch, height / size · width / size, size · size · channels), row by row;
 * (batch, time, channels) → (batch, time / size, size · channels).
 *
 * @example
 * ```ts
 * const embedding = sequential(patchTokens(4), linear(16, 48)); // 49 tokens of an image of 28 × 28 pixels
 * ```
 * @throws GmnmError for x of other axes, and where the patches do not fill it.
 */
export function patchTokens(size: number): Layer<Record<string, never>> {
  const config = { ...checkOptions("patchTokens", schema, { size }), type: "patchTokens" };
  return {
    config,
    init: () => ({}),
    apply(_, x) {
      const [batch, ...sides] = x.shape.slice(0, -1);
      if (x.ndim !== 3 && x.ndim !== 4) {
        const expected = "(batch, height, width, channels) or (batch, time, channels)";
        throw new GmnmError(`patchTokens expected x of shape ${expected}, got ${showShape(x.shape)}`);
      }
      if (sides.some((side) => side === 0 || side % size)) {
        throw new GmnmError(`patchTokens of size ${size} do not fill x of shape ${showShape(x.shape)}`);
      }
      const channels = x.shape[x.ndim - 1];
      const counts = sides.map((side) => side / size);
      const patch = sizeOf(sides.map(() => size)) * channels;
      if (sides.length === 1) return x.reshape([batch, counts[0], patch]);
      const [rows, columns] = counts;
      return x
        .reshape([batch, rows, size, columns, size, channels])
        .transpose([0, 1, 3, 2, 4, 5])
        .reshape([batch, rows * columns, patch]);
    },
  };
}
