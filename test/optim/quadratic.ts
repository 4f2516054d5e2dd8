// A function to minimise that tests of L-BFGS and of its line search share.
import { dot, type Evaluate } from "../../src/optim/lbfgs.ts";
import { Random } from "../../src/random.ts";

/** ½ xᵀ A x with A = Q diag(eigenvalues) Qᵀ, Q a random reflection. */
export function quadratic(eigenvalues: number[], seed = 1): Evaluate {
  const axis = Float64Array.from(new Random(seed).normal([eigenvalues.length]).data);
  const scale = 2 / dot(axis, axis);
  const reflect = (x: Float64Array) => {
    const along = scale * dot(axis, x);
    return x.map((value, i) => value - along * axis[i]);
  };
  return (x) => {
    const gradient = reflect(reflect(x).map((value, i) => value * eigenvalues[i]));
    return { value: dot(x, gradient) / 2, gradient };
  };
}
