import { jit, lax, type numpy as np } from "@jax-js/jax";
import { derivativesOf, within } from "./tracing.ts";

type Fn = (x: np.Array) => np.Array;

/**
 * The function f with its derivatives given as functions of its value, such as 1 − t² for tanh. jax-js has no custom derivatives, and what
 * it derives from exponentials is three times the work. So f becomes as much of its own Taylor series at x as derivatives are taken, with δ = x − x of
 * which only the first x is differentiated: f + δ (f′ + δ/2 (f″ + …)), which has the same value and these derivatives. An executor that would
 * compute the zeros gets f as it is, and so does who takes more derivatives than are given.
 */
export function withDerivatives(f: Fn, ...derivatives: Fn[]): Fn {
  return tracedOnce((x) => {
    const order = derivativesOf([x]);
    if (!order || order > derivatives.length) return f(x);
    const { value, delta } = expansion(f, x);
    let series: np.Array | undefined;
    for (let k = order; k >= 1; k--) {
      const slope = derivatives[k - 1](value.ref);
      series = (series ? slope.add(series) : slope).mul(delta.ref.mul(1 / k));
    }
    delta.dispose();
    return value.add(series!);
  });
}

/**
 * The function f with its first derivative given: `change(y, δ)` is J δ, with J the Jacobian of f where its value is y. As above, f becomes
 * f + J δ; whoever needs further derivatives gets f as it is.
 */
export function withJacobian(f: Fn, change: (value: np.Array, delta: np.Array) => np.Array): Fn {
  return tracedOnce((x) => {
    if (derivativesOf([x]) !== 1) return f(x);
    const { value, delta } = expansion(f, x);
    return value.ref.add(change(value, delta));
  });
}

/** The value without a derivative, and δ. */
const expansion = (f: Fn, x: np.Array) => ({
  value: lax.stopGradient(f(x.ref)),
  delta: x.ref.sub(lax.stopGradient(x)),
});

/**
 * A function that a compiler's trace calls often. It is traced and differentiated once per shape: every call is one equation, which the compiler
 * replaces by what is in it.
 */
export function tracedOnce<F extends (...arrays: np.Array[]) => np.Array | Record<string, np.Array>>(fn: F): F {
  /** By the derivatives that are taken of it. */
  const traced = new Map<number, F>();
  return ((...arrays) => {
    const order = derivativesOf(arrays);
    if (order === undefined) return fn(...arrays);
    const known = traced.get(order) ?? (jit(within(order, fn)) as unknown as F);
    traced.set(order, known);
    return known(...arrays);
  }) as F;
}
