// What layers may ask of the native compiler while it traces them.
import { type numpy as np, tree } from "@jax-js/jax";
import { layersOf } from "./tracers.ts";

/** For what a compiler traces. */
export type Tracing = {
  /** Channels that the executor's convolution takes side by side; undefined where it has none that is worth more than a matrix product. */
  channelBlock?: number;
};

let tracing: Tracing | undefined;

/** The function whose trace is known: who traces it, and how often its results are differentiated from outside. */
let scope: { traced: object | undefined; derivatives: number } | undefined;

type Fn = (...args: never[]) => unknown;

/** Traces a function for a compiler that recognises x − x as zero and drops what is multiplied with it. */
export function traceFor<T>(compiler: Tracing, fn: Fn, trace: (fn: Fn) => T): T {
  tracing = compiler;
  try {
    return trace(within(0, fn));
  } finally {
    tracing = undefined;
  }
}

/** A function that says, while it is traced, that its results will be differentiated so often. */
export function within<F extends Fn>(derivatives: number, fn: F): F {
  return ((...args) => {
    const outer = scope;
    const [first] = tree.leaves(args as np.Array[]);
    scope = { traced: first && layersOf(first)?.traced, derivatives };
    try {
      return fn(...args);
    } finally {
      scope = outer;
    }
  }) as F;
}

/**
 * How often a function of the arrays is differentiated by them. Undefined where no compiler traces, and where that cannot be seen, as in a function
 * of somebody else's `jit`, which is differentiated when it has been traced.
 */
export function derivativesOf(arrays: readonly np.Array[]): number | undefined {
  if (!tracing) return undefined;
  let most = 0;
  for (const array of arrays) {
    const layers = layersOf(array);
    if (!layers || (layers.traced && layers.traced !== scope?.traced)) return undefined;
    most = Math.max(most, layers.derivatives + (layers.traced ? scope!.derivatives : 0));
  }
  return most;
}

/** See {@link Tracing}; undefined when no compiler traces. */
export const channelBlock = (): number | undefined => tracing?.channelBlock;

/**
 * Whether the native compiler traces. There a product of matrices is worth many passes over memory, so that a layer may have a form that
 * multiplies more and moves less: the same numbers but for rounding.
 */
export const isTracedByCompiler = (): boolean => tracing !== undefined;
