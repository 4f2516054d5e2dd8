import type { AnyLayer, Layer, Params } from "./layer.ts";
import { sideBySide } from "./side-by-side.ts";

/**
 * Layers side by side that see the same input and whose results are added: Σ_i layer_i(x). Parameters are a list, one entry per layer.
 *
 * Shapes: those of the layers, which must agree.
 *
 * @example
 * ```ts
 * const forecaster = sum(overTime(linear(48, 12)), sequential(relativeToLastValue(), overTime(gmnm(48, 12))));
 * ```
 * @throws GmnmError when there is no layer, and when results have different shapes, which broadcasting would hide.
 */
export const sum = (...layers: AnyLayer[]): Layer<Params[]> => sideBySide("sum", layers);
