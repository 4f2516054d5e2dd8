// K. Cho et al., "Learning phrase representations using RNN encoder-decoder for statistical machine translation", arXiv:1406.1078, in the
// form of PyTorch and cuDNN: the reset gate acts after the product with the hidden weights. Gates in the order reset, update, candidate.
import { numpy as np } from "@jax-js/jax";
import { toArray, zeros } from "../tensor.ts";
import { tracedOnce } from "./derivative.ts";
import { sigmoid, tanh } from "./elementwise.ts";
import { expectAxes, type Layer } from "./layer.ts";
import { checkOptions } from "./options.ts";
import { collectSteps, inputOfSteps, type RecurrentOptions, recurrentSchema } from "./steps.ts";

/** Parameters of {@link gru}; the gates r, z, n lie side by side. */
export type GruParams = {
  /** (inFeatures, 3 · hiddenSize). */
  inputWeights: np.Array;
  /** (hiddenSize, 3 · hiddenSize). */
  hiddenWeights: np.Array;
  /** (3 · hiddenSize). */
  bias: np.Array;
  /** (hiddenSize), of the candidate, before the reset gate. */
  candidateBias: np.Array;
};

/**
 * Gated recurrent unit, from h = 0: r = σ(x_t W_r + h U_r + b_r); z = σ(x_t W_z + h U_z + b_z);
 * n = tanh(x_t W_n + b_n + r ⊙ (h U_n + candidateBias)); h ← (1 − z) ⊙ n + z ⊙ h.
 *
 * Shapes: (batch, time, inFeatures) → (batch, hiddenSize), the last h, or with `returnSequence` (batch, time, hiddenSize), every h. The steps
 * are unrolled when a computation is traced, so the time to compile grows with their number; up to about a hundred are sensible.
 *
 * Weights start from N(0, 1/inFeatures) and N(0, 1/hiddenSize), biases at 0 (our choice).
 *
 * @example
 * ```ts
 * const forecaster = sequential(gru(7, 64), linear(64, 1));
 * ```
 * @throws GmnmError for x of another shape.
 */
export function gru(inFeatures: number, hiddenSize: number, options: RecurrentOptions = {}): Layer<GruParams> {
  const config = { ...checkOptions("gru", recurrentSchema, { ...options, inFeatures, hiddenSize }), type: "gru" };
  return {
    config,
    init: (random) => ({
      inputWeights: toArray(random.normal([inFeatures, 3 * hiddenSize], 1 / Math.sqrt(inFeatures))),
      hiddenWeights: toArray(random.normal([hiddenSize, 3 * hiddenSize], 1 / Math.sqrt(hiddenSize))),
      bias: toArray(zeros([3 * hiddenSize])),
      candidateBias: toArray(zeros([hiddenSize])),
    }),
    apply({ inputWeights, hiddenWeights, bias, candidateBias }, x) {
      expectAxes("gru", x, "batch", "time", inFeatures);
      let h: np.Array | undefined;
      const hidden = inputOfSteps(x, inputWeights, bias).map((input) => {
        h = h ? laterStep(input, h, hiddenWeights.ref, candidateBias.ref) : firstStep(input, candidateBias.ref);
        return h.ref;
      });
      h?.dispose();
      hiddenWeights.dispose();
      candidateBias.dispose();
      return collectSteps(hidden, config.returnSequence);
    },
  };
}

/** What belongs to both gates, and what to the candidate. */
const cut = (all: np.Array, candidateBias: np.Array) => np.split(all, [2 * candidateBias.shape[0]], -1);

/** One step from what its input contributes, (batch, 3 · hiddenSize), and the state before it, (batch, hiddenSize). */
const laterStep = tracedOnce(
  (input: np.Array, before: np.Array, hiddenWeights: np.Array, candidateBias: np.Array): np.Array => {
    const [inputGates, inputCandidate] = cut(input, candidateBias);
    const [gates, candidate] = cut(np.matmul(before.ref, hiddenWeights), candidateBias);
    const [r, z] = np.split(sigmoid(inputGates.add(gates)), 2, -1); // (batch, hiddenSize) each
    const n = tanh(inputCandidate.add(r.mul(candidate.add(candidateBias))));
    return n.ref.add(z.mul(before.sub(n))); // (1 − z) n + z h
  },
);

/** The first step, before which the state is 0. */
const firstStep = tracedOnce((input: np.Array, candidateBias: np.Array): np.Array => {
  const [gates, candidate] = cut(input, candidateBias);
  const [r, z] = np.split(sigmoid(gates), 2, -1);
  const n = tanh(candidate.add(r.mul(candidateBias)));
  return n.ref.sub(z.mul(n));
});
