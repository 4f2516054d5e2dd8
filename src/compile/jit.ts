import { type Device, jit, numpy as np, tree } from "@jax-js/jax";
import type { Params } from "../nn/layer.ts";
import { fetchParams, namedArrays, type ParamTensors, placeParams, readParams } from "../params.ts";
import type { Batch, CompiledFunction, CompiledStep, Scalars, Step, StepStart } from "./compile.ts";
import { onDevice } from "./executor.ts";

/** Arrays of a batch on a device of jax-js. */
class DeviceBatch implements Batch {
  readonly arrays: Params;
  constructor(tensors: ParamTensors, device: Device) {
    this.arrays = placeParams(tensors, device);
  }
  dispose(): void {
    tree.dispose(this.arrays);
  }
}

/** A step compiled by jax-js itself, for wasm and WebGPU. */
export function jitStep<M extends string>(step: Step<M>, start: StepStart, device: Device): CompiledStep<M> {
  const compiled = jit(step);
  let params = placeParams(start.params, device);
  const begin = start.state(placeParams(start.params));
  let state = placeParams(readParams(begin), device);
  tree.dispose(begin);
  return {
    upload: (batch) => new DeviceBatch(batch, device),
    async run(batch, scalars) {
      const inputs = [tree.ref((batch as DeviceBatch).arrays), scalarArrays(scalars, device)] as const;
      const previous = [tree.ref(params), tree.ref(state)] as const;
      const [nextParams, nextState, metrics] = releasingOnError([...previous, ...inputs], () =>
        onDevice(device, () => compiled(...previous, ...inputs) as ReturnType<Step<M>>),
      );
      const numbers = await readScalars(metrics);
      if (Object.values<number>(numbers).every(Number.isFinite)) {
        tree.dispose([params, state]);
        [params, state] = [nextParams, nextState];
      } else tree.dispose([nextParams, nextState]);
      return numbers;
    },
    read: () => fetchParams(params),
    readState: () => fetchParams(state),
    async update(change) {
      const changed = change(placeParams(await fetchParams(params)));
      tree.dispose(params);
      params = placeParams(readParams(changed), device);
      tree.dispose(changed);
    },
    dispose() {
      tree.dispose([params, state]);
      compiled.dispose();
    },
  };
}

/** A function of trees of arrays compiled by jax-js itself. */
export function jitFunction(fn: (...args: never[]) => Params, device: Device): CompiledFunction {
  const compiled = jit(fn as (...args: Params[]) => Params);
  const call = async (...args: (ParamTensors | Batch)[]) => {
    const arrays = args.map((arg) =>
      arg instanceof DeviceBatch ? tree.ref(arg.arrays) : placeParams(arg as ParamTensors, device),
    );
    const result = releasingOnError(arrays, () => onDevice(device, () => compiled(...arrays) as Params));
    const tensors = await fetchParams(result);
    tree.dispose(result);
    return tensors;
  };
  return Object.assign(call, {
    upload: (tensors: ParamTensors) => new DeviceBatch(tensors, device),
    dispose: () => compiled.dispose(),
  });
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

const scalarArrays = (scalars: Scalars, device: Device): Record<string, np.Array> =>
  Object.fromEntries(
    Object.entries(scalars).map(([name, value]) => [name, np.array(value, { dtype: np.float32, device })]),
  );

/** All at once: each is a way to a graphics processor and back. */
async function readScalars<M extends string>(metrics: Record<M, np.Array>): Promise<Record<M, number>> {
  const entries = Object.entries(metrics) as [string, np.Array][];
  const values = await Promise.all(entries.map(async ([name, array]) => [name, (await array.data())[0]]));
  return Object.fromEntries(values) as Record<M, number>;
}
