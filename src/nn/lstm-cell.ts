// What LSTMs have in common: the order of the gates, their biases, and a step. Gates in the order of PyTorch: input, forget, candidate, output.
import { numpy as np } from "@jax-js/jax";
import { type Tensor, toArray } from "../tensor.ts";
import { tracedOnce } from "./derivative.ts";
import { sigmoid, tanh } from "./elementwise.ts";

/** Four numbers, one per gate, each for all of its columns: (4 · hiddenSize). */
const perGate = (hiddenSize: number, values: readonly number[]): Tensor => ({
  data: Float32Array.from({ length: 4 * hiddenSize }, (_, i) => values[Math.floor(i / hiddenSize)]),
  shape: [4 * hiddenSize],
});

/** Biases at the start: 1 for the forget gate, so that cells remember until they learn to forget, and else 0. */
export const startingBias = (hiddenSize: number): np.Array => toArray(perGate(hiddenSize, [0, 1, 0, 0]));

/** tanh(g) = 2 σ(2g) − 1: with the candidate doubled by this, one sigmoid over contiguous memory serves all four gates. */
export const gateScale = (hiddenSize: number): np.Array => toArray(perGate(hiddenSize, [1, 1, 2, 1]));

/** The states h and c, (batch, hiddenSize) each. */
export type LstmState = { h: np.Array; c: np.Array };

/** One step from its scaled gates before the sigmoid, (batch, 4 · hiddenSize), and the cell before it, (batch, hiddenSize). */
const laterStep = tracedOnce((gates: np.Array, before: np.Array): LstmState => {
  const [i, f, halfway, o] = np.split(sigmoid(gates), 4, -1); // (batch, hiddenSize) each
  const c = f.mul(before).add(i.mul(halfway.mul(2).sub(1)));
  return { h: o.mul(tanh(c.ref)), c };
});

/** The first step, before which the cell is 0. */
const firstStep = tracedOnce((gates: np.Array): LstmState => {
  const [i, f, halfway, o] = np.split(sigmoid(gates), 4, -1); // (batch, hiddenSize) each
  f.dispose();
  const c = i.mul(halfway.mul(2).sub(1));
  return { h: o.mul(tanh(c.ref)), c };
});

/** All steps: from what each gets from its input, and a function from that and the h before it to the gates; h after each step. */
export function lstmSteps(
  inputs: readonly np.Array[],
  gatesOf: (input: np.Array, h: np.Array | undefined) => np.Array,
): np.Array[] {
  let state: LstmState | undefined;
  const hidden = inputs.map((input) => {
    const gates = gatesOf(input, state?.h);
    state = state ? laterStep(gates, state.c) : firstStep(gates);
    return state.h.ref;
  });
  state?.h.dispose();
  state?.c.dispose();
  return hidden;
}
