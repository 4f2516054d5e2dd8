// A mixture of Gaussians in the cell of an LSTM. That GMNM goes into LSTMs is the paper's (arXiv:2510.06660); where, and how, is our choice.
import { numpy as np } from "@jax-js/jax";
import * as v from "valibot";
import type { Random } from "../random.ts";
import { type Tensor, toArray } from "../tensor.ts";
import { standardDeviations } from "./centers.ts";
import { expectAxes, type Layer, sampleRows } from "./layer.ts";
import type { LstmParams } from "./lstm.ts";
import { gateScale, lstmSteps, startingBias } from "./lstm-cell.ts";
import { checkOptions, count, positive } from "./options.ts";
import { collectSteps, inputOfSteps, type RecurrentOptions, recurrentEntries } from "./steps.ts";

/** Options of {@link gmnmLstm}. */
export type GmnmLstmOptions = RecurrentOptions & {
  /** Gaussians. Default 16. */
  numComponents?: number;
  /** Projections per Gaussian. Default 2. */
  rank?: number;
  /** What the mixture is added to, before its sigmoid or tanh. Default "candidate". */
  placement?: "candidate" | "gates";
  /** Starting width of a Gaussian, in typical distances of (x_t, h). Default 1.25. */
  width?: number;
  /** Starting size of the mixture's weights: their standard deviation is weightScale / √numComponents. Default 0.1. */
  weightScale?: number;
};

/** Parameters of {@link gmnmLstm}: those of an LSTM, which are the linear path, and the mixture's. The rank lies outside the components. */
export type GmnmLstmParams = LstmParams & {
  /** (inFeatures, rank · components), the columns of P_k for x_t. */
  inputProjections: np.Array;
  /** (hiddenSize, rank · components), the columns of P_k for h. */
  hiddenProjections: np.Array;
  /** (rank · components) P_k μ_k. */
  offsets: np.Array;
  /** (components, hiddenSize) π for the candidate, (components, 4 · hiddenSize) for all gates. */
  mixtureWeights: np.Array;
};

const schema = v.strictObject({
  ...recurrentEntries,
  numComponents: v.optional(count, 16),
  rank: v.optional(count, 2),
  placement: v.optional(v.picklist(["candidate", "gates"]), "candidate"),
  width: v.optional(positive, 1.25),
  weightScale: v.optional(positive, 0.1),
});

type Config = v.InferOutput<typeof schema>;

/** Standard deviation that a feature of h is taken to have: it lies in (−1, 1). */
const HIDDEN_SPREAD = 0.5;

/**
 * LSTM with a mixture of Gaussians of (x_t, h) beside the linear map, in the candidate or in all gates:
 * (i, f, g, o) = x_t W + h U + b + Σ_k π_k exp(−½ ‖P_k ((x_t, h) − μ_k)‖²); then as in {@link lstm}. The mixture stands before the tanh and the
 * sigmoids, so cells stay as bounded as they were, and far from every Gaussian the LSTM is left. One product per step gives gates and
 * projections.
 *
 * Shapes: (batch, time, inFeatures) → (batch, hiddenSize), the last h, or with `returnSequence` (batch, time, hiddenSize), every h.
 *
 * @example
 * ```ts
 * const forecaster = sequential(gmnmLstm(7, 64, { numComponents: 24 }), linear(64, 1));
 * ```
 * @throws GmnmError for x of another shape.
 */
export function gmnmLstm(inFeatures: number, hiddenSize: number, options: GmnmLstmOptions = {}): Layer<GmnmLstmParams> {
  const config = { ...checkOptions("gmnmLstm", schema, { ...options, inFeatures, hiddenSize }), type: "gmnmLstm" };
  const { numComponents, rank, placement, returnSequence } = config;
  const mixedColumns = placement === "gates" ? 4 * hiddenSize : hiddenSize;
  return {
    config,
    init: (random, sample) => ({
      inputWeights: toArray(random.normal([inFeatures, 4 * hiddenSize], 1 / Math.sqrt(inFeatures))),
      hiddenWeights: toArray(random.normal([hiddenSize, 4 * hiddenSize], 1 / Math.sqrt(hiddenSize))),
      bias: startingBias(hiddenSize),
      ...initialProjections(config, random, sample && sampleRows("gmnmLstm", sample, inFeatures)),
      mixtureWeights: toArray(
        random.normal([numComponents, mixedColumns], config.weightScale / Math.sqrt(numComponents)),
      ),
    }),
    apply(params, x) {
      expectAxes("gmnmLstm", x, "batch", "time", inFeatures);
      const scale = gateScale(hiddenSize);
      const beside = (gates: np.Array, projections: np.Array) =>
        np.concatenate([gates.mul(scale.ref), projections], -1);
      const hiddenWeights = beside(params.hiddenWeights, params.hiddenProjections); // (hiddenSize, 4 · hiddenSize + rank · m)
      const inputs = inputOfSteps(
        x,
        beside(params.inputWeights, params.inputProjections),
        beside(params.bias, params.offsets.neg()),
      ); // (batch, 4 · hiddenSize + rank · m) each
      // The candidate is doubled, as in gateScale.
      const mixtureWeights = params.mixtureWeights.mul(placement === "gates" ? scale : 2);
      if (placement !== "gates") scale.dispose();
      const hidden = lstmSteps(inputs, (input, h) => {
        const both = h ? input.add(np.matmul(h, hiddenWeights.ref)) : input;
        const [gates, y] = np.split(both, [4 * hiddenSize], -1);
        const squared = np.square(y.reshape([-1, rank, numComponents])).sum(1); // (batch, m)
        const mixture = np.matmul(np.exp(squared.mul(-0.5)), mixtureWeights.ref);
        return placement === "gates" ? gates.add(mixture) : addToCandidate(gates, mixture, hiddenSize);
      });
      hiddenWeights.dispose();
      mixtureWeights.dispose();
      return collectSteps(hidden, returnSequence);
    },
  };
}

function addToCandidate(gates: np.Array, mixture: np.Array, hiddenSize: number): np.Array {
  const [before, candidate, after] = np.split(gates, [2 * hiddenSize, 3 * hiddenSize], -1);
  return np.concatenate([before, candidate.add(mixture), after], -1);
}

/**
 * Projections and centres as of a mixture of features (gmnm-init.ts), E[y²] = 1/width² between two inputs, of which x_t and h give one half
 * each however many numbers they have: else a short x_t would be lost beside a long h.
 */
function initialProjections(config: Config, random: Random, sample?: Tensor) {
  const { inFeatures, hiddenSize, numComponents, rank, width } = config;
  const columns = rank * numComponents;
  const spread = sample ? standardDeviations(sample) : Array.from({ length: inFeatures }, () => 1);
  const inputs = random.normal([inFeatures, columns], 1 / (2 * width * Math.sqrt(rank * inFeatures)));
  for (let i = 0; i < inputs.data.length; i++) inputs.data[i] /= spread[Math.floor(i / columns)];
  const hidden = 1 / (2 * width * HIDDEN_SPREAD * Math.sqrt(rank * hiddenSize));
  return {
    inputProjections: toArray(inputs),
    hiddenProjections: toArray(random.normal([hiddenSize, columns], hidden)),
    offsets: toArray(random.normal([columns], 1 / (2 * width * Math.sqrt(rank)))),
  };
}
