// D. P. Kingma, M. Welling, "Auto-encoding variational Bayes", arXiv:1312.6114. Both networks are perceptrons; what they are made of is
// an argument.
import { nn, numpy as np } from "@jax-js/jax";
import type { AnyLayer, Context, Params } from "../nn/layer.ts";
import { standardNormal } from "../nn/noise.ts";
import type { Random } from "../random.ts";
import type { Tensor } from "../tensor.ts";
import { type MlpOptions, mlp } from "./mlp.ts";

/** Options of {@link vae}. */
export type VaeOptions = {
  /** Dimensions of z. Default 16. */
  latentSize?: number;
  /** Widths between features and z, and back. Default [128]. */
  hidden?: readonly number[];
  /** The nonlinearity of both networks, as in {@link mlp}. Default "relu". */
  nonlinearity?: MlpOptions["nonlinearity"];
  /** The decoder, (batch, latentSize) → (batch, features), in place of a perceptron; its start sees rows of N(0, 1). */
  decoder?: AnyLayer;
};

export type VaeParams = { encoder: Params; decoder: Params };

/** A variational autoencoder: two layers and the bound that trains them. All functions are pure and consume their arrays. */
export type Vae = {
  readonly latentSize: number;
  /** (batch, features) → (batch, 2 · latentSize): mean and log σ² of q(z | x). */
  readonly encoder: AnyLayer;
  /** (batch, latentSize) → (batch, features): logits of the pixels. */
  readonly decoder: AnyLayer;
  /** A sample (rows, features) is what an encoder that depends on its input starts from. */
  init(random: Random, sample?: Tensor): VaeParams;
  /** A lower bound of log p(x) in nats, one number per row; z is drawn with the context's random numbers. */
  elbo(params: VaeParams, x: np.Array, context: Context): np.Array;
  /** The mean of x as z = E q(z | x) makes it: (batch, features) → (batch, features), in (0, 1). */
  reconstruct(params: VaeParams, x: np.Array): np.Array;
};

/** log σ² is kept within ±this: beyond it, one step too long overflows for good. Our choice. */
const MOST_LOG_VARIANCE = 12;

/**
 * Variational autoencoder of rows in [0, 1] with a Bernoulli likelihood: p(z) = N(0, 1), q(z | x) = N(μ(x), σ²(x)) and
 *
 *     log p(x) ≥ E_q [Σ_i x_i log p_i(z) + (1 − x_i) log(1 − p_i(z))] − ½ Σ_j (μ_j² + σ_j² − 1 − log σ_j²).
 *
 * Grey values count as the probability of white: the bound is then the mean over images drawn with them.
 *
 * @example
 * ```ts
 * const model = vae(784, { decoder: gmnm(16, 784, { numComponents: 96 }) });
 * const start = readParams(model.init(new Random(0)));
 * const { params } = await minimize((p, { x }, context) => model.elbo(p as VaeParams, x, context).mean().neg(), start, { x }, { batchSize: 100 });
 * ```
 * @throws GmnmError for sizes below 1, for rows of another length, and for an `elbo` without random numbers.
 */
export function vae(features: number, options: VaeOptions = {}): Vae {
  const { latentSize = 16, hidden = [128], nonlinearity = "relu" } = options;
  const encoder = mlp([features, ...hidden, 2 * latentSize], { nonlinearity });
  const decoder = options.decoder ?? mlp([latentSize, ...hidden.toReversed(), features], { nonlinearity });
  /** (batch, features) → mean and log σ², (batch, latentSize) each. */
  const encode = (params: Params, x: np.Array): [np.Array, np.Array] => {
    const [mean, logVariance] = np.split(encoder.apply(params as Params[], x), 2, -1);
    return [mean, np.clip(logVariance, -MOST_LOG_VARIANCE, MOST_LOG_VARIANCE)];
  };
  return {
    latentSize,
    encoder,
    decoder,
    init: (random, sample) => ({
      encoder: encoder.init(random.split(), sample),
      decoder: decoder.init(random.split(), random.normal([1024, latentSize])),
    }),
    elbo(params, x, context) {
      const [mean, logVariance] = encode(params.encoder, x.ref);
      const noise = standardNormal("vae", context, mean.shape);
      const z = noise.mul(np.exp(logVariance.ref.mul(0.5))).add(mean.ref); // (batch, latentSize)
      const logits = decoder.apply(params.decoder, z); // (batch, features)
      const divergence = np.square(mean).add(np.exp(logVariance.ref)).sub(logVariance).sub(1).sum(-1).mul(0.5); // (batch)
      return logLikelihood(logits, x).sub(divergence);
    },
    reconstruct(params, x) {
      const [mean, logVariance] = encode(params.encoder, x);
      logVariance.dispose();
      return nn.sigmoid(decoder.apply(params.decoder, mean));
    },
  };
}

/** Σ_i x_i log p_i + (1 − x_i) log(1 − p_i) from logits: x l − max(l, 0) − log(1 + exp(−|l|)), which never takes the log of 0. */
function logLikelihood(logits: np.Array, x: np.Array): np.Array {
  const softplus = np.log(np.exp(np.abs(logits.ref).neg()).add(1)).add(np.maximum(logits.ref, 0));
  return x.mul(logits).sub(softplus).sum(-1);
}
