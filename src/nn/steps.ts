// What recurrent layers have in common: their options, what they do before the first step and after the last.
import { numpy as np } from "@jax-js/jax";
import * as v from "valibot";
import { count } from "./options.ts";

/** Options of recurrent layers. */
export type RecurrentOptions = {
  /** Gives the hidden state after every step, not only after the last. Default false. */
  returnSequence?: boolean;
};

/** Checks of {@link RecurrentOptions}, to be spread into a layer's schema. */
export const recurrentEntries = {
  inFeatures: count,
  hiddenSize: count,
  returnSequence: v.optional(v.boolean(), false),
};

export const recurrentSchema = v.strictObject(recurrentEntries);

/**
 * What each step gets from its input: (batch, time, inFeatures) → for each time x_t weights + bias, (batch, columns). All in one product, with
 * time outermost, so that a step's rows are contiguous.
 */
export function inputOfSteps(x: np.Array, weights: np.Array, bias: np.Array): np.Array[] {
  const [batch, time, features] = x.shape;
  const columns = weights.shape[1];
  const steps = x.transpose([1, 0, 2]).reshape([time * batch, features]);
  const projected = np.matmul(steps, weights).add(bias).reshape([time, batch, columns]);
  return np.split(projected, time, 0).map((step) => step.reshape([batch, columns]));
}

/** The last of the hidden states (batch, hiddenSize), or all of them as (batch, time, hiddenSize). */
export function collectSteps(hidden: np.Array[], returnSequence: boolean): np.Array {
  if (returnSequence) return np.stack(hidden, 1);
  for (const state of hidden.slice(0, -1)) state.dispose();
  return hidden[hidden.length - 1];
}
