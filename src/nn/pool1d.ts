import { expectAxes, type Layer } from "./layer.ts";

/**
 * The mean of each feature over all tokens, or over all of time.
 *
 * Shapes: (batch, tokens, features) → (batch, features).
 *
 * @example
 * ```ts
 * const classifier = sequential(patchTokens(4), linear(16, 48), globalAvgPool1d(), linear(48, 10));
 * ```
 * @throws GmnmError for x of another shape.
 */
export const globalAvgPool1d = (): Layer<Record<string, never>> => ({
  config: { type: "globalAvgPool1d" },
  init: () => ({}),
  apply(_, x) {
    expectAxes("globalAvgPool1d", x, "batch", "tokens", "features");
    return x.mean(1);
  },
});
