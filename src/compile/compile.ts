import { type Device, jit, numpy as np, tree } from "@jax-js/jax";
import type { Params } from "../nn/layer.ts";
import { namedArrays, type ParamTensors, placeParams, readParams } from "../params.ts";
import { type Executor, ready } from "./executor.ts";

/** Named numbers that change from step to step, such as the learning rate. */
export type Scalars = Record<string, number>;

/**
 * A pure training step. Consumes its arguments; `metrics` are scalars.
 * (params, state, batch, scalars) → (params′, state′, metrics).
 */
export type Step<M extends string> = (
  params: Params,
  state: Params,
  batch: Params,
  scalars: Record<string, np.Array>,
) => [params: Params, state: Params, metrics: Record<M, np.Array>];

/** A batch that has been copied to where steps run. */
export interface Batch {
  readonly arrays: Params;
  dispose(): void;
}

/** A compiled training step with the parameters and state it works on. */
export interface CompiledStep<M extends string> {
  /** Copies a batch to the executor. */
  upload(batch: ParamTensors): Batch;
  /** Takes one step; the batch can be used again. */
  run(batch: Batch, scalars: Scalars): Promise<Record<M, number>>;
  /** A copy of the parameters as they are now. */
  read(): ParamTensors;
  /** Changes the parameters without changing the optimiser's state. Takes over the arrays and returns new ones. */
  update(change: (params: Params) => Params): void;
  dispose(): void;
}

/**
 * Compiles a step for fixed shapes. The step is traced once at its first run; parameters and state stay on the executor.
 *
 * @example
 * ```ts
 * const compiled = await compileStep(step, { params, state });
 * const { loss } = await compiled.run(compiled.upload(batch), { learningRate: 0.01 });
 * ```
 */
export async function compileStep<M extends string>(
  step: Step<M>,
  start: { params: ParamTensors; state: (params: Params) => Params },
  { executor = "auto" }: { executor?: Executor } = {},
): Promise<CompiledStep<M>> {
  const device = await ready(executor);
  const compiled = jit(step);
  let params = placeParams(start.params, device);
  let state = start.state(tree.ref(params));
  return {
    upload: (batch) => onDevice(batch, device),
    async run(batch, scalars) {
      let metrics: Record<M, np.Array>;
      const inputs = [tree.ref(batch.arrays), scalarArrays(scalars, device)] as const;
      [params, state, metrics] = releasingOnError(
        [...inputs],
        () => compiled(params, state, ...inputs) as ReturnType<Step<M>>,
      );
      return readScalars(metrics);
    },
    read: () => readParams(params),
    update(change) {
      params = change(params);
    },
    dispose() {
      tree.dispose(params);
      tree.dispose(state);
      compiled.dispose();
    },
  };
}

/**
 * Compiles a pure function of trees of arrays, such as a loss and its gradient, to one over host tensors.
 *
 * @example
 * ```ts
 * const square = await compileFunction((x: np.Array) => np.square(x));
 * const y = await square(tensor([1, 2], [2]));
 * ```
 */
export async function compileFunction(
  fn: (...args: never[]) => Params,
  { executor = "auto" }: { executor?: Executor } = {},
): Promise<
  ((...args: (ParamTensors | Batch)[]) => Promise<ParamTensors>) & { upload(t: ParamTensors): Batch; dispose(): void }
> {
  const device = await ready(executor);
  const compiled = jit(fn as (...args: Params[]) => Params);
  const call = async (...args: (ParamTensors | Batch)[]) => {
    const arrays = args.map((arg) =>
      "arrays" in arg ? tree.ref((arg as Batch).arrays) : placeParams(arg as ParamTensors, device),
    );
    const result = releasingOnError(arrays, () => compiled(...arrays) as Params);
    await Promise.all(namedArrays(result).map(([, array]) => array.blockUntilReady()));
    const tensors = readParams(result);
    tree.dispose(result);
    return tensors;
  };
  return Object.assign(call, { upload: (t: ParamTensors) => onDevice(t, device), dispose: () => compiled.dispose() });
}

/** Runs a compiled function; when it cannot be traced it consumes nothing, so its arguments are released. */
function releasingOnError<T>(args: Params[], run: () => T): T {
  try {
    return run();
  } catch (error) {
    for (const [, array] of args.flatMap(namedArrays)) if (array.refCount > 0) array.dispose();
    throw error;
  }
}

function onDevice(tensors: ParamTensors, device: Device): Batch {
  const arrays = placeParams(tensors, device);
  return { arrays, dispose: () => tree.dispose(arrays) };
}

const scalarArrays = (scalars: Scalars, device: Device): Record<string, np.Array> =>
  Object.fromEntries(
    Object.entries(scalars).map(([name, value]) => [name, np.array(value, { dtype: np.float32, device })]),
  );

async function readScalars<M extends string>(metrics: Record<M, np.Array>): Promise<Record<M, number>> {
  const values: [string, number][] = [];
  for (const [name, array] of Object.entries(metrics) as [string, np.Array][])
    values.push([name, (await array.data())[0]]);
  return Object.fromEntries(values) as Record<M, number>;
}
