import { type numpy as np, valueAndGrad } from "@jax-js/jax";
import * as v from "valibot";
import { compileFunction } from "../compile/compile.ts";
import { ready } from "../compile/executor.ts";
import { GmnmError } from "../errors.ts";
import type { Params } from "../nn/layer.ts";
import { type Lbfgs, type LbfgsState, lbfgsIterations } from "../optim/lbfgs.ts";
import { fillParams, isBuffer, namedTensors, type ParamTensors, partition } from "../params.ts";
import { type ExactTensor, sizeOf, type Tensor } from "../tensor.ts";
import { allRows } from "./batches.ts";
import type { LoopStart, Progressed, Training } from "./descend.ts";
import { noiseShapesOf } from "./noise.ts";
import { describeNonFinite } from "./non-finite.ts";
import { type LoopState, naming } from "./snapshot.ts";
import { argumentOne } from "./training-step.ts";

/** Second-order training: an epoch is one iteration of L-BFGS on the whole data. */
export async function* iterateLbfgs(
  { objective, params, data: given, options }: Training,
  optimizer: Lbfgs,
  start?: LoopStart,
): AsyncGenerator<Progressed> {
  const { batchSize, executor, threads, epochs } = options;
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
    { executor, threads },
  );
  const batch = lossAndGradient.upload(data);
  const layout = new FlatLayout(params);
  const goesOn = start && naming(start.source, () => readState(start.loop, layout.length, optimizer));
  let step = goesOn?.step ?? 0;
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
    let epoch = start?.epoch ?? 0;
    for await (const found of lbfgsIterations(evaluate, goesOn ?? layout.flatten(params), optimizer)) {
      const read = async () => layout.unflatten(found.x);
      yield { step, loss: found.value, read, state: async () => writeState(found, step) };
      if (++epoch >= epochs) break;
    }
  } finally {
    batch.dispose();
    lossAndGradient.dispose();
  }
}

/** What the iterations go on from, in float64 as it is. */
function writeState({ x, value, gradient, pairs }: LbfgsState, step: number): LoopState {
  const row = (data: Float64Array): ExactTensor => ({ data, shape: [data.length] });
  const rows = (of: "step" | "change"): ExactTensor => ({
    data: Float64Array.from(pairs.flatMap((pair) => [...pair[of]])),
    shape: [pairs.length, x.length],
  });
  const tensors = { x: row(x), gradient: row(gradient), value: row(Float64Array.of(value)) };
  return {
    values: { step },
    tensors: new Map(Object.entries({ ...tensors, steps: rows("step"), changes: rows("change") })),
  };
}

const Values = v.object({ step: v.pipe(v.number(), v.safeInteger(), v.minValue(1)) });

/** The same from a file: checked. */
function readState({ values, tensors }: LoopState, length: number, { memory }: Lbfgs): LbfgsState & { step: number } {
  const { step } = v.parse(Values, values);
  const read = (name: string, isLength: (numbers: number) => boolean): Float64Array => {
    const { data } = tensors.get(name) ?? {};
    if (!(data instanceof Float64Array && isLength(data.length) && data.every(Number.isFinite)))
      throw new GmnmError(`its "${name}" is not one of L-BFGS on ${length} parameters`);
    return data;
  };
  const [x, gradient] = ["x", "gradient"].map((name) => read(name, (numbers) => numbers === length));
  const [value] = read("value", (numbers) => numbers === 1);
  const steps = read("steps", (numbers) => numbers % length === 0 && numbers <= memory * length);
  const changes = read("changes", (numbers) => numbers === steps.length);
  const pairs = Array.from({ length: steps.length / length }, (_, i) => ({
    step: steps.slice(i * length, (i + 1) * length),
    change: changes.slice(i * length, (i + 1) * length),
  }));
  return { step, x, value, gradient, pairs };
}

/** An evaluation of the line search is not a step, and most of them are thrown away: running statistics would mean nothing. */
function refuseUpdates(): never {
  throw new GmnmError("L-BFGS cannot keep running statistics; train with adam, or without batch normalisation");
}

/** Where each trained tensor lies in one long vector. */
class FlatLayout {
  readonly #example: ParamTensors;
  readonly #tensors: [path: string, tensor: Tensor][];
  readonly length: number;

  constructor(example: ParamTensors) {
    this.#example = example;
    this.#tensors = namedTensors(example);
    this.length = this.#tensors.reduce((sum, [path, { shape }]) => sum + (isBuffer(path) ? 0 : sizeOf(shape)), 0);
  }

  /** One vector of the trained tensors of a tree of the example's form, or of a flat record by path. */
  flatten(params: ParamTensors): Float64Array {
    const vector = new Float64Array(this.length);
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
