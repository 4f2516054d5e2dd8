import { nn, numpy as np } from "@jax-js/jax";
import * as v from "valibot";
import type { Layer } from "./layer.ts";
import { checkOptions } from "./options.ts";

// Those of jax-js have a NaN gradient below −88, where exp(−x) overflows.
/** 1/(1 + exp(−x)), with a finite gradient everywhere. */
export const sigmoid = (x: np.Array): np.Array => nn.sigmoid(np.maximum(x, -80));
/** x · sigmoid(x), with a finite gradient everywhere. */
export const silu = (x: np.Array): np.Array => x.ref.mul(sigmoid(x));

const FUNCTIONS = {
  relu: nn.relu,
  tanh: np.tanh,
  sigmoid,
  silu,
  gelu: nn.gelu,
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
