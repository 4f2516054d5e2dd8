import { lax, type numpy as np } from "@jax-js/jax";

type Fn = (x: np.Array) => np.Array;

let folds = false;

/** Traces for a compiler that recognises x − x as zero and drops what is multiplied with it; see {@link withSlope}. */
export function traceForFolding<T>(trace: () => T): T {
  folds = true;
  try {
    return trace();
  } finally {
    folds = false;
  }
}

/**
 * The function f with its derivative given as a function of its value, such as 1 − t² for tanh. jax-js has no custom derivatives, and what
 * it derives from exponentials is three times the work. So f becomes f(x) + (x − x)·slope(f(x)), where neither the first f nor the second
 * x is differentiated: the same value, and the wanted derivative. Nested three deep it serves third derivatives, which training on a
 * differential equation takes; higher ones come from f itself. An executor that would compute the zeros gets f as it is.
 */
export function withSlope(f: Fn, slope: Fn): Fn {
  const over =
    (inner: Fn): Fn =>
    (x) =>
      lax.stopGradient(f(x.ref)).add(x.ref.sub(lax.stopGradient(x.ref)).mul(slope(inner(x))));
  const nested = over(over(over(f)));
  return (x) => (folds ? nested(x) : f(x));
}
