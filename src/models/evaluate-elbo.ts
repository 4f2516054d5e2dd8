import type { numpy as np } from "@jax-js/jax";
import { compileFunction } from "../compile/compile.ts";
import type { Executor } from "../compile/executor.ts";
import { GmnmError } from "../errors.ts";
import type { Params } from "../nn/layer.ts";
import type { ParamTensors } from "../params.ts";
import { Random } from "../random.ts";
import { type Tensor, type Tensors, takeRows } from "../tensor.ts";
import type { Vae, VaeParams } from "./vae.ts";

/** Options of {@link evaluateElbo}. */
export type ElboOptions = {
  /** Draws of z per row, whose bounds are averaged. Default 1. */
  samples?: number;
  /** Default 0. */
  seed?: number;
  /** Rows computed at a time: bounds the memory. Default 256. */
  batchSize?: number;
  /** Default "auto". */
  executor?: Executor;
};

/**
 * The evidence lower bound of a VAE on rows (rows, features), in nats per row, mean over rows and draws.
 *
 * @example
 * ```ts
 * const nats = await evaluateElbo(model, params, test.x, { samples: 10 });
 * ```
 * @throws GmnmError without rows or draws.
 */
export async function evaluateElbo(
  model: Vae,
  params: ParamTensors,
  x: Tensor,
  { samples = 1, seed = 0, batchSize = 256, executor }: ElboOptions = {},
): Promise<number> {
  const [rows] = x.shape;
  if (!(rows >= 1 && samples >= 1 && batchSize >= 1)) {
    throw new GmnmError(
      `evaluateElbo needs rows, samples and a batchSize of at least 1, got ${rows}, ${samples} and ${batchSize}`,
    );
  }
  const random = new Random(seed);
  const bound = await compileFunction(
    (p: Params, { x, u, v }: Record<string, np.Array>) => {
      const noise = [u, v];
      return model.elbo(p as VaeParams, x, { uniform: () => noise.shift()! });
    },
    { executor },
  );
  const placed = bound.upload(params);
  // One shape is compiled: the last rows are filled up to a whole batch with the first row, which does not count again.
  const size = Math.min(rows, batchSize);
  const shape = [size, model.latentSize];
  const uniform = (): Tensor => ({
    data: Float32Array.from({ length: size * model.latentSize }, () => random.uniform()),
    shape,
  });
  let sum = 0;
  try {
    for (let from = 0; from < rows; from += size) {
      const count = Math.min(size, rows - from);
      const batch = takeRows(
        x,
        Array.from({ length: size }, (_, i) => (i < count ? from + i : 0)),
      );
      for (let draw = 0; draw < samples; draw++) {
        const given: Tensors = { x: batch, u: uniform(), v: uniform() };
        const { data } = (await bound(placed, given)) as Tensor;
        sum += data.subarray(0, count).reduce((total, nats) => total + nats, 0);
      }
    }
  } finally {
    placed.dispose();
    bound.dispose();
  }
  return sum / rows / samples;
}
