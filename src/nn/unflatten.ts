import * as v from "valibot";
import { sizeOf } from "../tensor.ts";
import { expectFeatures, type Layer } from "./layer.ts";
import { checkOptions, count } from "./options.ts";

const schema = v.strictObject({
  shape: v.pipe(v.array(count, "a list of whole numbers of at least 1"), v.minLength(1, "at least one number")),
});

/**
 * Folds the last axis into several, to make images or series of what a layer of features gives.
 *
 * Shapes: (…, product of shape) → (…, ...shape).
 *
 * @example
 * ```ts
 * const forecaster = sequential(lstm(7, 64), linear(64, 24 * 7), unflatten([24, 7]));
 * ```
 * @throws GmnmError for x with another number of features.
 */
export function unflatten(shape: readonly number[]): Layer<Record<string, never>> {
  const config = { ...checkOptions("unflatten", schema, { shape }), type: "unflatten" };
  return {
    config,
    init: () => ({}),
    apply(_, x) {
      expectFeatures("unflatten", x, sizeOf(config.shape));
      return x.reshape([...x.shape.slice(0, -1), ...config.shape]);
    },
  };
}
