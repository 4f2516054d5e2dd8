import { type numpy as np, valueAndGrad } from "@jax-js/jax";
import { compileFunction } from "../compile/compile.ts";
import { ready } from "../compile/executor.ts";
import { GmnmError } from "../errors.ts";
import type { Params } from "../nn/layer.ts";
import { type Lbfgs, lbfgsIterations } from "../optim/lbfgs.ts";
import { fillParams, isBuffer, namedTensors, type ParamTensors, partition } from "../params.ts";
import { sizeOf, type Tensor } from "../tensor.ts";
import { allRows } from "./batches.ts";
import type { Progressed, Training } from "./descend.ts";
import { noiseShapesOf } from "./noise.ts";
import { describeNonFinite } from "./non-finite.ts";
import { argumentOne } from "./training-step.ts";

/** Second-order training: an epoch is one iteration of L-BFGS on the whole data. */
export async function* iterateLbfgs(
  { objective, params, data: given, options }: Training,
  optimizer: Lbfgs,
): AsyncGenerator<Progressed> {
  const { batchSize, executor, epochs } = options;
  if (batchSize !== undefined) throw new GmnmError("L-BFGS needs all rows in every step; leave out batchSize");
  if (options.adapt) throw new GmnmError("L-BFGS cannot adapt a model while it runs; adapt it between runs");
  const data = allRows(given);
  await ready(executor);
  const noise = noiseShapesOf(objective, params, data);
  if (noise.length > 0) throw new GmnmError("L-BFGS needs a loss without random numbers; remove dropout");
  if (epochs === 0) return;

  const lossAndGradient = await compileFunction(
    (p: Params, batch: Record<string, np.Array>) => {
      const { trainable, buffers, combine } = partition(p);
      const one = argumentOne(Object.values(trainable)[0].ref);
      const context = { training: true, update: refuseUpdates };
      const loss = (t: Record<string, np.Array>) => objective(combine(t, buffers), batch, context).mul(one);
      const [value, gradient] = valueAndGrad(loss)(trainable) as [np.Array, Record<string, np.Array>];
      return { value, gradient };
    },
    { executor },
  );
  const batch = lossAndGradient.upload(data);
  const layout = new FlatLayout(params);
  let step = 0;
  const evaluate = async (x: Float64Array) => {
    step++;
    const point = layout.unflatten(x);
    const found = (await lossAndGradient(point, batch)) as { value: Tensor; gradient: ParamTensors };
    const [value, gradient] = [found.value.data[0], layout.flatten(found.gradient)];
    // The line search steps back from a point where there is no loss; from the start there is nowhere to step back to.
    if (step === 1 && !(Number.isFinite(value) && gradient.every(Number.isFinite))) {
      const culprit = await describeNonFinite(objective, point, data, value, executor);
      throw new GmnmError(`L-BFGS cannot start: at the starting parameters loss ${value}, ${culprit}`);
    }
    return { value, gradient };
  };
  try {
    let epoch = 0;
    for await (const { x, value } of lbfgsIterations(evaluate, layout.flatten(params), optimizer)) {
      yield { step, loss: value, read: async () => layout.unflatten(x) };
      if (++epoch >= epochs) break;
    }
  } finally {
    batch.dispose();
    lossAndGradient.dispose();
  }
}

/** An evaluation of the line search is not a step, and most of them are thrown away: running statistics would mean nothing. */
function refuseUpdates(): never {
  throw new GmnmError("L-BFGS cannot keep running statistics; train with adam, or without batch normalisation");
}

/** Where each trained tensor lies in one long vector. */
class FlatLayout {
  readonly #example: ParamTensors;
  readonly #tensors: [path: string, tensor: Tensor][];
  readonly #length: number;

  constructor(example: ParamTensors) {
    this.#example = example;
    this.#tensors = namedTensors(example);
    this.#length = this.#tensors.reduce((sum, [path, { shape }]) => sum + (isBuffer(path) ? 0 : sizeOf(shape)), 0);
  }

  /** One vector of the trained tensors of a tree of the example's form, or of a flat record by path. */
  flatten(params: ParamTensors): Float64Array {
    const vector = new Float64Array(this.#length);
    let at = 0;
    const found = new Map(namedTensors(params));
    for (const [path, { shape }] of this.#tensors) {
      if (isBuffer(path)) continue;
      vector.set(found.get(path)!.data, at);
      at += sizeOf(shape);
    }
    return vector;
  }

  /** The example's tree with the vector's numbers in its trained tensors. */
  unflatten(vector: Float64Array): ParamTensors {
    let at = 0;
    const filled = this.#tensors.map(([path, tensor]): [string, Tensor] => {
      if (isBuffer(path)) return [path, tensor];
      const data = Float32Array.from(vector.subarray(at, at + sizeOf(tensor.shape)));
      at += data.length;
      return [path, { data, shape: tensor.shape }];
    });
    return fillParams(this.#example, new Map(filled));
  }
}
