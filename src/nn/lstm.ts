// S. Hochreiter, J. Schmidhuber, "Long short-term memory", Neural Computation 9 (1997); the forget gate of F. Gers, J. Schmidhuber,
// F. Cummins, "Learning to forget", Neural Computation 12 (2000). Gates in the order of PyTorch: input, forget, candidate, output.
import { numpy as np } from "@jax-js/jax";
import { toArray } from "../tensor.ts";
import { sigmoid, tanh } from "./elementwise.ts";
import { expectAxes, type Layer } from "./layer.ts";
import { checkOptions } from "./options.ts";
import { collectSteps, inputOfSteps, type RecurrentOptions, recurrentSchema } from "./steps.ts";

/** Parameters of {@link lstm}; the gates i, f, g, o lie side by side. */
export type LstmParams = {
  /** (inFeatures, 4 · hiddenSize). */
  inputWeights: np.Array;
  /** (hiddenSize, 4 · hiddenSize). */
  hiddenWeights: np.Array;
  /** (4 · hiddenSize). */
  bias: np.Array;
};

/**
 * Long short-term memory, from h = c = 0:
 * (i, f, g, o) = x_t inputWeights + h hiddenWeights + bias; c ← σ(f) ⊙ c + σ(i) ⊙ tanh(g); h ← σ(o) ⊙ tanh(c).
 *
 * Shapes: (batch, time, inFeatures) → (batch, hiddenSize), the last h, or with `returnSequence` (batch, time, hiddenSize), every h. The steps
 * are unrolled when a computation is traced, so the time to compile grows with their number; up to about a hundred are sensible.
 *
 * Weights start from N(0, 1/inFeatures) and N(0, 1/hiddenSize), the bias at 1 for the forget gate and at 0 elsewhere (our choice).
 *
 * @example
 * ```ts
 * const forecaster = sequential(lstm(7, 64), linear(64, 1));
 * ```
 * @throws GmnmError for x of another shape.
 */
export function lstm(inFeatures: number, hiddenSize: number, options: RecurrentOptions = {}): Layer<LstmParams> {
  const config = { ...checkOptions("lstm", recurrentSchema, { ...options, inFeatures, hiddenSize }), type: "lstm" };
  /** Four numbers, one per gate, each for all of its columns. */
  const perGate = (values: number[]) =>
    toArray({
      data: Float32Array.from({ length: 4 * hiddenSize }, (_, i) => values[Math.floor(i / hiddenSize)]),
      shape: [4 * hiddenSize],
    });
  return {
    config,
    init: (random) => ({
      inputWeights: toArray(random.normal([inFeatures, 4 * hiddenSize], 1 / Math.sqrt(inFeatures))),
      hiddenWeights: toArray(random.normal([hiddenSize, 4 * hiddenSize], 1 / Math.sqrt(hiddenSize))),
      bias: perGate([0, 1, 0, 0]),
    }),
    apply(params, x) {
      expectAxes("lstm", x, "batch", "time", inFeatures);
      // tanh(g) = 2 σ(2g) − 1: with the candidate doubled, one sigmoid over contiguous memory serves all four gates.
      const scale = perGate([1, 1, 2, 1]);
      const hiddenWeights = params.hiddenWeights.mul(scale.ref);
      const inputs = inputOfSteps(x, params.inputWeights.mul(scale.ref), params.bias.mul(scale)); // (batch, 4 · hiddenSize) each
      let state: { h: np.Array; c: np.Array } | undefined;
      const hidden = inputs.map((input) => {
        const gates = state ? input.add(np.matmul(state.h, hiddenWeights.ref)) : input;
        state = step(gates, state?.c);
        return state.h.ref;
      });
      hiddenWeights.dispose();
      state?.h.dispose();
      state?.c.dispose();
      return collectSteps(hidden, config.returnSequence);
    },
  };
}

/** One step from its gates before the sigmoid, (batch, 4 · hiddenSize), and the cell before it, if there is one. */
function step(gates: np.Array, before: np.Array | undefined): { h: np.Array; c: np.Array } {
  const [i, f, halfway, o] = np.split(sigmoid(gates), 4, -1); // (batch, hiddenSize) each
  const entering = i.mul(halfway.mul(2).sub(1));
  const c = before ? f.mul(before).add(entering) : entering;
  if (!before) f.dispose();
  return { h: o.mul(tanh(c.ref)), c };
}
