import { jit, lax, numpy as np } from "@jax-js/jax";
import { derivativesTraced } from "./tracing.ts";

type Fn = (x: np.Array) => np.Array;

/**
 * The function f with its derivatives given as functions of its value, such as 1 − t² for tanh. jax-js has no custom derivatives, and what
 * it derives from exponentials is three times the work. So f becomes its own Taylor series at x, with δ = x − x of which only the first x
 * is differentiated: f + δ (f′ + δ/2 (f″ + …)), which has the same value and the wanted derivatives. An executor that would compute the
 * zeros gets f as it is.
 */
export function withDerivatives(f: Fn, ...derivatives: Fn[]): Fn {
  return tracedOnce((x) => {
    const order = derivativesTraced();
    if (order === 0) return f(x);
    const { value, delta, beyond } = expansion(f, x);
    let series = beyond;
    for (let k = Math.min(order, derivatives.length); k >= 1; k--) {
      series = derivatives[k - 1](value.ref)
        .add(series)
        .mul(delta.ref.mul(1 / k));
    }
    delta.dispose();
    return value.add(series);
  });
}

/**
 * The function f with its first derivative given: `change(y, δ)` is J δ, with J the Jacobian of f where its value is y. As above, f becomes
 * f + J δ; whoever needs further derivatives gets f as it is.
 */
export function withJacobian(f: Fn, change: (value: np.Array, delta: np.Array) => np.Array): Fn {
  return tracedOnce((x) => {
    if (derivativesTraced() !== 1) return f(x);
    const { value, delta, beyond } = expansion(f, x);
    return value.ref.add(change(value.add(beyond), delta));
  });
}

/** The value without a derivative, δ, and what every derivative beyond the series must be: NaN, by a function that no derivative takes to zero. */
function expansion(f: Fn, x: np.Array) {
  const value = lax.stopGradient(f(x.ref));
  const delta = x.ref.sub(lax.stopGradient(x.ref));
  const beyond = np.exp(x).mul(Number.NaN).mul(delta.ref); // 0
  return { value, delta, beyond };
}

/**
 * A function that a compiler's trace calls often. It is traced and differentiated once per shape: every call is one equation, which the compiler
 * replaces by what is in it.
 */
export function tracedOnce<F extends (...arrays: np.Array[]) => np.Array | Record<string, np.Array>>(fn: F): F {
  const traced = new Map<number, F>();
  return ((...arrays) => {
    const order = derivativesTraced();
    if (order === 0) return fn(...arrays);
    const known = traced.get(order) ?? (jit(fn) as unknown as F);
    traced.set(order, known);
    return known(...arrays);
  }) as F;
}
