// S. Hochreiter, J. Schmidhuber, "Long short-term memory", Neural Computation 9 (1997); the forget gate of F. Gers, J. Schmidhuber,
// F. Cummins, "Learning to forget", Neural Computation 12 (2000). Gates in the order of PyTorch: input, forget, candidate, output.
import { numpy as np } from "@jax-js/jax";
import { toArray } from "../tensor.ts";
import { expectAxes, type Layer } from "./layer.ts";
import { gateScale, lstmSteps, startingBias } from "./lstm-cell.ts";
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
  return {
    config,
    init: (random) => ({
      inputWeights: toArray(random.normal([inFeatures, 4 * hiddenSize], 1 / Math.sqrt(inFeatures))),
      hiddenWeights: toArray(random.normal([hiddenSize, 4 * hiddenSize], 1 / Math.sqrt(hiddenSize))),
      bias: startingBias(hiddenSize),
    }),
    apply(params, x) {
      expectAxes("lstm", x, "batch", "time", inFeatures);
      const scale = gateScale(hiddenSize);
      const hiddenWeights = params.hiddenWeights.mul(scale.ref);
      const inputs = inputOfSteps(x, params.inputWeights.mul(scale.ref), params.bias.mul(scale)); // (batch, 4 · hiddenSize) each
      const hidden = lstmSteps(inputs, (input, h) => (h ? input.add(np.matmul(h, hiddenWeights.ref)) : input));
      hiddenWeights.dispose();
      return collectSteps(hidden, config.returnSequence);
    },
  };
}
