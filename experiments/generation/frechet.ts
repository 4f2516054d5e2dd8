// M. Heusel et al., arXiv:1706.08500, with features of the project's own classifier in place of Inception's.
import type { Tensor } from "../../src/tensor.ts";
import { symmetricEigen } from "./eigen.ts";

/**
 * The Fréchet distance of the Gaussians fitted to two samples of features (rows, n): ‖m₁ − m₂‖² + tr(Σ₁ + Σ₂ − 2 (Σ₁^½ Σ₂ Σ₁^½)^½), which
 * has the same trace as the usual (Σ₁Σ₂)^½ and needs symmetric matrices only.
 */
export function frechetDistance(a: Tensor, b: Tensor): number {
  const n = a.shape[1];
  const [first, second] = [moments(a), moments(b)];
  const root = squareRoot(first.covariance, n);
  const product = multiply(multiply(root, second.covariance, n), root, n);
  const { values } = symmetricEigen(symmetric(product, n), n);
  let distance = 0;
  for (let i = 0; i < n; i++) {
    distance += (first.mean[i] - second.mean[i]) ** 2;
    distance += first.covariance[i * n + i] + second.covariance[i * n + i] - 2 * Math.sqrt(Math.max(0, values[i]));
  }
  return distance;
}

/** Mean (n) and unbiased covariance (n, n) of rows. */
function moments({ data, shape: [rows, n] }: Tensor): { mean: Float64Array; covariance: Float64Array } {
  const mean = new Float64Array(n);
  data.forEach((value, i) => {
    mean[i % n] += value / rows;
  });
  const covariance = new Float64Array(n * n);
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < n; i++) {
      const d = data[row * n + i] - mean[i];
      for (let j = 0; j < n; j++) covariance[i * n + j] += (d * (data[row * n + j] - mean[j])) / (rows - 1);
    }
  }
  return { mean, covariance };
}

/** V √Λ Vᵀ of a symmetric positive semi-definite matrix (n, n). */
function squareRoot(matrix: Float64Array, n: number): Float64Array {
  const { values, vectors } = symmetricEigen(matrix, n);
  const scaled = vectors.map((value, i) => value * Math.sqrt(Math.max(0, values[i % n])));
  const root = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) for (let k = 0; k < n; k++) root[i * n + j] += scaled[i * n + k] * vectors[j * n + k];
  }
  return root;
}

function multiply(a: Float64Array, b: Float64Array, n: number): Float64Array {
  const c = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < n; k++) for (let j = 0; j < n; j++) c[i * n + j] += a[i * n + k] * b[k * n + j];
  }
  return c;
}

const symmetric = (a: Float64Array, n: number): Float64Array =>
  a.map((value, i) => (value + a[(i % n) * n + Math.floor(i / n)]) / 2);
