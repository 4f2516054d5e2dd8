import { jvp, numpy as np } from "@jax-js/jax";

/**
 * The Laplacian Σ_i ∂²u/∂x_i² of a function of rows of coordinates, by forward differentiation nested in itself: two passes per
 * coordinate, exact to rounding, and differentiable with respect to whatever parameters u depends on.
 *
 * Shapes: u maps (batch, d) → (batch, outputs); the result maps (batch, d) → (batch, outputs).
 *
 * @param u the function; may use its parameters more than once, so it must pass `.ref` of them.
 * @example
 * ```ts
 * const residual = laplacian((x) => layer.apply(tree.ref(params), x), 2)(points).sub(source);
 * ```
 */
export function laplacian(u: (x: np.Array) => np.Array, dimensions: number): (x: np.Array) => np.Array {
  return (x) => {
    const terms = Array.from({ length: dimensions }, (_, i) => {
      const direction = unit(i, x.shape);
      const derivative = (at: np.Array) => along(u, at, direction.ref);
      const second = along(derivative, x.ref, direction.ref);
      direction.dispose();
      return second;
    });
    x.dispose();
    return terms.reduce((sum, term) => sum.add(term));
  };
}

/** The derivative of a function at x along a direction. */
function along(f: (x: np.Array) => np.Array, x: np.Array, direction: np.Array): np.Array {
  const [value, derivative] = jvp(f, [x], [direction]) as [np.Array, np.Array];
  value.dispose();
  return derivative;
}

/** The i-th coordinate direction at every row: zeros (batch, d) with ones in column i. */
function unit(i: number, shape: number[]): np.Array {
  const row = Float32Array.from({ length: shape[1] }, (_, j) => Number(i === j));
  return np.broadcastTo(np.array(row, { shape: [1, shape[1]] }), shape);
}
