import { nn, numpy as np } from "@jax-js/jax";
import * as v from "valibot";
import { withDerivatives } from "./derivative.ts";
import type { Layer } from "./layer.ts";
import { checkOptions } from "./options.ts";

// Below −88 exp(−x) overflows.
const logistic = (x: np.Array) => np.reciprocal(np.exp(np.maximum(x, -80).neg()).add(1));
const slopeOfSigmoid = (s: np.Array) => s.ref.sub(np.square(s));
/** 1 / (1 + exp(−x)). */
export const sigmoid = withDerivatives(
  logistic,
  slopeOfSigmoid,
  (s) => slopeOfSigmoid(s.ref).mul(s.mul(-2).add(1)),
  (s) => slopeOfSigmoid(s.ref).mul(slopeOfSigmoid(s).mul(-6).add(1)),
);
const slopeOfTanh = (t: np.Array) => np.square(t).neg().add(1);
/** 2 sigmoid(2x) − 1. */
export const tanh = withDerivatives(
  (x) => logistic(x.mul(2)).mul(2).sub(1),
  slopeOfTanh,
  (t) => slopeOfTanh(t.ref).mul(t).mul(-2),
  (t) => slopeOfTanh(t.ref).mul(slopeOfTanh(t).mul(-6).add(4)),
);

/** x · sigmoid(x), with a finite gradient everywhere. */
export const silu = (x: np.Array): np.Array => x.ref.mul(sigmoid(x));

// The approximation by tanh, as nn.gelu, with the tanh from here.
const gelu = (x: np.Array) => {
  const u = np
    .square(x.ref)
    .mul(0.044715)
    .add(1)
    .mul(x.ref)
    .mul(Math.sqrt(2 / Math.PI));
  return tanh(u).add(1).mul(x).mul(0.5);
};

const FUNCTIONS = {
  relu: nn.relu,
  tanh,
  sigmoid,
  silu,
  gelu,
  sin: np.sin,
  identity: (x: np.Array) => x,
} satisfies Record<string, (x: np.Array) => np.Array>;

/** Names of the fixed activation functions. */
export type ActivationName = keyof typeof FUNCTIONS;

/** Names of the fixed activation functions, for messages and menus. */
export const activationNames = Object.keys(FUNCTIONS) as ActivationName[];

const schema = v.strictObject({ name: v.picklist(activationNames) });

/**
 * A fixed activation function as a layer without parameters. Shapes: any → the same.
 *
 * @example
 * ```ts
 * const layer = sequential(linear(2, 16), activation("tanh"), linear(16, 1));
 * ```
 * @throws GmnmError for a name it does not know.
 */
export function activation(name: ActivationName): Layer<Record<string, never>> {
  const config = { ...checkOptions("activation", schema, { name }), type: "activation" };
  return { config, init: () => ({}), apply: (_, x) => FUNCTIONS[name](x) };
}
