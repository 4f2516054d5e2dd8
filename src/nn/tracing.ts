// What layers may ask of the native compiler while it traces them.

/** For what a compiler traces. */
export type Tracing = {
  /** Derivatives that functions made by `withDerivatives` carry in closed form, with NaN as the next. 0 traces them as they are. */
  derivatives: number;
  /** Channels that the executor's convolution takes side by side; undefined where it has none that is worth more than a matrix product. */
  channelBlock?: number;
};

let tracing: Tracing | undefined;

/** Traces for a compiler that recognises x − x as zero and drops what is multiplied with it. */
export function traceFor<T>(compiler: Tracing, trace: () => T): T {
  tracing = compiler;
  try {
    return trace();
  } finally {
    tracing = undefined;
  }
}

/** See {@link Tracing}; 0 when no compiler traces. */
export const derivativesTraced = (): number => tracing?.derivatives ?? 0;

/** See {@link Tracing}; undefined when no compiler traces. */
export const channelBlock = (): number | undefined => tracing?.channelBlock;

/**
 * Whether the native compiler traces. There a product of matrices is worth many passes over memory, so that a layer may have a form that
 * multiplies more and moves less: the same numbers but for rounding.
 */
export const isTracedByCompiler = (): boolean => derivativesTraced() > 0;
