import { nn, numpy as np } from "@jax-js/jax";
import { GmnmError } from "../errors.ts";
import type { Layer } from "./layer.ts";

const FUNCTIONS = {
  relu: nn.relu,
  tanh: np.tanh,
  sigmoid: nn.sigmoid,
  silu: nn.silu,
  gelu: nn.gelu,
  sin: np.sin,
  identity: (x: np.Array) => x,
} satisfies Record<string, (x: np.Array) => np.Array>;

/** Names of the fixed activation functions. */
export type ActivationName = keyof typeof FUNCTIONS;

/** Names of the fixed activation functions, for messages and menus. */
export const activationNames = Object.keys(FUNCTIONS) as ActivationName[];

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
  if (!Object.hasOwn(FUNCTIONS, name)) {
    throw new GmnmError(`activation must be one of ${activationNames.join(", ")}, got "${name}"`);
  }
  return { config: { type: "activation", name }, init: () => ({}), apply: (_, x) => FUNCTIONS[name](x) };
}
