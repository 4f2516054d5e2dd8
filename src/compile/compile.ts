import type { numpy as np } from "@jax-js/jax";
import { GmnmError } from "../errors.ts";
import type { Params } from "../nn/layer.ts";
import type { ParamTensors } from "../params.ts";
import { type Executor, ready } from "./executor.ts";
import { jitFunction, jitStep } from "./jit.ts";
import type { Runtime } from "./session.ts";
import { startNative } from "./start-native.ts";

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

/** What a compiled step starts from: parameters, and the optimiser's state made of them. */
export type StepStart = { params: ParamTensors; state: (params: Params) => Params };

/** A batch that has been brought to where steps run. The numbers must not change while it is in use. */
export interface Batch {
  dispose(): void;
}

/** A compiled training step with the parameters and state it works on. */
export interface CompiledStep<M extends string> {
  /** Brings a batch to the executor. */
  upload(batch: ParamTensors): Batch;
  /** Takes one step; the batch can be used again. A step with a metric that is not finite changes nothing: what was learnt is kept. */
  run(batch: Batch, scalars: Scalars): Promise<Record<M, number>>;
  /** A copy of the parameters as they are now. */
  read(): Promise<ParamTensors>;
  /** A copy of the optimiser's state as it is now: what {@link StepStart.state} must give for another step to go on from here. */
  readState(): Promise<ParamTensors>;
  /** Changes the parameters without changing the optimiser's state. Takes over the arrays and returns new ones. */
  update(change: (params: Params) => Params): Promise<void>;
  dispose(): void;
}

/** A compiled function over host tensors, or over batches that were uploaded before. */
export interface CompiledFunction {
  (...args: (ParamTensors | Batch)[]): Promise<ParamTensors>;
  upload(tensors: ParamTensors): Batch;
  dispose(): void;
}

/** Where and how to run. */
export type CompileOptions = {
  /** Default "auto". */
  executor?: Executor;
  /**
   * Threads of the native executor, at most: what is small is done by one. The rows of a batch are divided among them where the function allows it; with
   * another number of threads results differ by rounding. Default those of the variable GMNM_THREADS, else one per core on the main thread, one in a
   * worker thread.
   */
  threads?: number;
};

/**
 * Compiles a step for fixed shapes. The step is traced at its first run; parameters and state stay on the executor.
 *
 * @example
 * ```ts
 * const compiled = await compileStep(step, { params, state });
 * const { loss } = await compiled.run(compiled.upload(batch), { learningRate: 0.01 });
 * ```
 */
export async function compileStep<M extends string>(
  step: Step<M>,
  start: StepStart,
  { executor = "auto", threads }: CompileOptions = {},
): Promise<CompiledStep<M>> {
  const device = await ready(executor);
  const native = await startNative(executor);
  if (!native) return jitStep(step, start, device);
  const compiled = new native.NativeStep(runtimeOf(native, threads), step, start);
  if (executor === "native") return compiled;
  return native.stepWithFallback(compiled, (params) => jitStep(step, { ...start, params }, device));
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
  { executor = "auto", threads }: CompileOptions = {},
): Promise<CompiledFunction> {
  const device = await ready(executor);
  const native = await startNative(executor);
  if (!native) return jitFunction(fn, device);
  const compiled = native.nativeFunction(runtimeOf(native, threads), fn);
  return executor === "native" ? compiled : native.functionWithFallback(compiled, () => jitFunction(fn, device));
}

function runtimeOf({ ort, target }: Omit<Runtime, "threads">, threads = defaultThreads()): Runtime {
  if (!(Number.isSafeInteger(threads) && threads >= 1))
    throw new GmnmError(`threads must be a whole number above 0, got ${threads}`);
  return { ort, target, threads };
}

/** A worker thread is usually one of as many as there are cores. GMNM_THREADS says otherwise, such as in one of several processes. */
function defaultThreads(): number {
  const wanted = Number(process.env.GMNM_THREADS);
  if (Number.isSafeInteger(wanted) && wanted >= 1) return wanted;
  // Asked of the process, for an import of a module of Node would stop bundlers for the browser.
  const { isMainThread } = process.getBuiltinModule("node:worker_threads");
  return isMainThread ? process.getBuiltinModule("node:os").availableParallelism() : 1;
}
