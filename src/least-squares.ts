import { GmnmError } from "./errors.ts";

/**
 * Ridge regression in float64: the C that minimises ‖A C − Y‖² + λ‖C‖², through the normal equations and a Cholesky factorisation.
 * A is (rows, columns), Y is (rows, outputs), the result (columns, outputs), all row-major. The ridge λ is relative to the mean
 * square of A's columns, so that it means the same for any scale.
 */
export function leastSquares(
  a: ArrayLike<number>,
  y: ArrayLike<number>,
  rows: number,
  { columns = a.length / rows, outputs = y.length / rows, ridge = 1e-10 } = {},
): Float64Array {
  const gram = new Float64Array(columns * columns);
  const right = new Float64Array(columns * outputs);
  for (let i = 0; i < rows; i++) {
    for (let p = 0; p < columns; p++) {
      const value = a[i * columns + p];
      if (value === 0) continue; // splines are mostly zeros
      for (let q = 0; q <= p; q++) gram[p * columns + q] += value * a[i * columns + q];
      for (let o = 0; o < outputs; o++) right[p * outputs + o] += value * y[i * outputs + o];
    }
  }
  let trace = 0;
  for (let p = 0; p < columns; p++) trace += gram[p * columns + p];
  const unit = hasDigits(trace) ? trace / columns : 1;
  for (let p = 0; p < columns; p++) gram[p * columns + p] += ridge * unit;
  choleskySolve(gram, right, columns, outputs);
  return right;
}

/** Whether squares add up to a number with digits enough for a factorisation; else what was squared is as good as zero. */
export const hasDigits = (squares: number): boolean => squares > 1e-280;

/** Solves G C = R in place: G (n, n) symmetric positive definite, its lower triangle used and overwritten; R (n, outputs) becomes C. */
export function choleskySolve(gram: Float64Array, right: Float64Array, n: number, outputs: number): void {
  for (let p = 0; p < n; p++) {
    for (let q = 0; q <= p; q++) {
      let sum = gram[p * n + q];
      for (let k = 0; k < q; k++) sum -= gram[p * n + k] * gram[q * n + k];
      if (p > q) gram[p * n + q] = sum / gram[q * n + q];
      else if (sum > 0) gram[p * n + p] = Math.sqrt(sum);
      else
        throw new GmnmError(`least squares: column ${p} of ${n} depends on the columns before it; use a larger ridge`);
    }
  }
  // The outputs innermost: they lie side by side.
  const subtract = (p: number, factor: number, k: number) => {
    for (let o = 0; o < outputs; o++) right[p * outputs + o] -= factor * right[k * outputs + o];
  };
  const divide = (p: number) => {
    for (let o = 0; o < outputs; o++) right[p * outputs + o] /= gram[p * n + p];
  };
  for (let p = 0; p < n; p++) {
    for (let k = 0; k < p; k++) subtract(p, gram[p * n + k], k);
    divide(p);
  }
  for (let p = n - 1; p >= 0; p--) {
    for (let k = p + 1; k < n; k++) subtract(p, gram[k * n + p], k);
    divide(p);
  }
}
