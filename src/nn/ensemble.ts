// The mean of several models is usually better than any of them: L. Breiman, "Bagging predictors", Machine Learning 24 (1996).
import type { AnyLayer, Layer, Params } from "./layer.ts";
import { sideBySide } from "./side-by-side.ts";

/**
 * The mean of what several layers make of the same input. Parameters are a list, one entry per layer.
 *
 * Shapes: those of the layers, which must agree.
 *
 * @example
 * ```ts
 * const both = ensemble(gmnm(8, 1, { covariance: "diagonal" }), gmnm(8, 1, { covariance: "lowRank", rank: 4 }));
 * ```
 * @throws GmnmError without layers, and when their results differ in shape, which broadcasting would hide.
 */
export function ensemble(...layers: AnyLayer[]): Layer<Params[]> {
  const total = sideBySide("ensemble", layers);
  return { ...total, apply: (params, x, context) => total.apply(params, x, context).mul(1 / layers.length) };
}
