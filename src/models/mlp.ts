import { GmnmError } from "../errors.ts";
import { type ActivationName, activation } from "../nn/elementwise.ts";
import type { AnyLayer, Layer, Params } from "../nn/layer.ts";
import { linear } from "../nn/linear.ts";
import { sequential } from "../nn/sequential.ts";

/** Options of {@link mlp}. */
export type MlpOptions = {
  /** The nonlinearity between the linear maps: a name, or a function from a width to a layer. Default "silu". */
  nonlinearity?: ActivationName | ((features: number) => AnyLayer);
};

/** Gains that keep the scale of activations from layer to layer. */
const GAINS: Partial<Record<ActivationName, number>> = {
  relu: Math.SQRT2,
  silu: Math.SQRT2,
  gelu: Math.SQRT2,
  tanh: 5 / 3,
};

/**
 * Multi-layer perceptron of the given sizes. Shapes: (…, sizes[0]) → (…, sizes.at(-1)).
 *
 * @example
 * ```ts
 * const baseline = mlp([2, 16, 16, 1], { nonlinearity: "tanh" });
 * const learnt = mlp([2, 16, 16, 1], { nonlinearity: gaussianMixtureActivation });
 * ```
 */
export function mlp(sizes: readonly number[], options: MlpOptions = {}): Layer<Params[]> {
  const { nonlinearity = "silu" } = options;
  if (sizes.length < 2) throw new GmnmError(`mlp needs at least an input and an output size, got ${sizes.length}`);
  const gain = typeof nonlinearity === "string" ? (GAINS[nonlinearity] ?? 1) : Math.SQRT2;
  const between = (width: number) =>
    typeof nonlinearity === "string" ? activation(nonlinearity) : nonlinearity(width);
  const layers = sizes.slice(1).flatMap((width, i) => {
    const last = i === sizes.length - 2;
    return last ? [linear(sizes[i], width)] : [linear(sizes[i], width, { gain }), between(width)];
  });
  return sequential(...layers);
}
