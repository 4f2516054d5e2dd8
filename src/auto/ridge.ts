import { choleskySolve } from "../least-squares.ts";
import { Random } from "../random.ts";
import { type Tensor, takeRows, zeros } from "../tensor.ts";
import { constantOf } from "./constant.ts";

/** y ≈ x · weights + bias. */
export type Affine = { weights: Tensor; bias: Tensor };

/** Penalties relative to the mean square of the features; the last all but switches the features off. */
const PENALTIES = [1e-6, 1e-4, 1e-3, 1e-2, 0.03, 0.1, 0.3, 1, 3, 10, 100, 1e9];
const FOLDS = 5;
/** Beyond so many multiplications, fewer rows are looked at. */
const MOST_WORK = 2e8;
/** With more features than these, solving would take longer than training. */
const MOST_FEATURES = 1500;

/**
 * Ridge regression (A. Hoerl, R. Kennard, 1970) with the penalty that predicts best in five folds of the rows; the constant is not
 * penalised. The folds' products are subtracted from those of all rows, so that rows are read once. Float64.
 *
 * Shapes: x (rows, d), y (rows, outputs) → weights (d, outputs), bias (outputs). With no penalty worth it, the weights are 0 and the bias is the mean.
 */
export function ridge(x: Tensor, y: Tensor, { seed = 0 } = {}): Affine {
  const [rows, d] = x.shape;
  const outputs = y.shape[1];
  const constant = { weights: zeros([d, outputs]), bias: constantOf("regression", y) };
  if (d > MOST_FEATURES || rows < 3) return constant;
  const most = Math.max(1000, Math.floor(MOST_WORK / (d + outputs) ** 2));
  const order = new Random(seed).permutation(rows).subarray(0, most);
  const [sampleX, sampleY] = [takeRows(x, order), takeRows(y, order)];
  const folds = Math.min(FOLDS, order.length);
  const parts = Array.from({ length: folds }, (_, f) => moments(sampleX, sampleY, f, folds));
  const all = parts.reduce(add);
  const errors = PENALTIES.map((penalty) =>
    parts.reduce((sum, part) => {
      const fitted = solve(subtract(all, part), penalty);
      return sum + (fitted ? squaredError(part, fitted) : Infinity);
    }, 0),
  );
  const best = PENALTIES[errors.indexOf(Math.min(...errors))];
  const fitted = best === undefined ? undefined : solve(all, best);
  if (!fitted || best === PENALTIES.at(-1)) return constant;
  return {
    weights: { data: Float32Array.from(fitted.weights), shape: [d, outputs] },
    bias: { data: Float32Array.from(fitted.bias), shape: [outputs] },
  };
}

/** Sums over rows of z zᵀ with z = (x, y, 1): (n, n), lower triangle. */
type Moments = { d: number; outputs: number; sums: Float64Array };

function moments(x: Tensor, y: Tensor, fold: number, folds: number): Moments {
  const [rows, d] = x.shape;
  const outputs = y.shape[1];
  const n = d + outputs + 1;
  const sums = new Float64Array(n * n);
  const z = new Float64Array(n).fill(1);
  for (let i = fold; i < rows; i += folds) {
    for (let j = 0; j < d; j++) z[j] = x.data[i * d + j];
    for (let o = 0; o < outputs; o++) z[d + o] = y.data[i * outputs + o];
    for (let p = 0; p < n; p++) for (let q = 0; q <= p; q++) sums[p * n + q] += z[p] * z[q];
  }
  return { d, outputs, sums };
}

const add = (a: Moments, b: Moments): Moments => ({ ...a, sums: a.sums.map((v, i) => v + b.sums[i]) });
const subtract = (a: Moments, b: Moments): Moments => ({ ...a, sums: a.sums.map((v, i) => v - b.sums[i]) });

type Solution = { weights: Float64Array; bias: Float64Array };

/** Weights of centred features by a Cholesky factorisation; undefined where it breaks down. */
function solve({ d, outputs, sums }: Moments, penalty: number): Solution | undefined {
  const n = d + outputs + 1;
  const rows = sums[n * n - 1];
  const mean = (j: number) => sums[(n - 1) * n + j] / rows;
  const gram = new Float64Array(d * d);
  for (let p = 0; p < d; p++) for (let q = 0; q <= p; q++) gram[p * d + q] = sums[p * n + q] / rows - mean(p) * mean(q);
  let trace = 0;
  for (let p = 0; p < d; p++) trace += gram[p * d + p];
  for (let p = 0; p < d; p++) gram[p * d + p] += penalty * (trace / d) || 1e-12;
  const weights = new Float64Array(d * outputs);
  for (let j = 0; j < d; j++)
    for (let o = 0; o < outputs; o++) weights[j * outputs + o] = sums[(d + o) * n + j] / rows - mean(j) * mean(d + o);
  try {
    choleskySolve(gram, weights, d, outputs);
  } catch {
    return undefined;
  }
  const bias = Float64Array.from({ length: outputs }, (_, o) => {
    let value = mean(d + o);
    for (let j = 0; j < d; j++) value -= mean(j) * weights[j * outputs + o];
    return value;
  });
  return { weights, bias };
}

/** Σ ‖y − x·w − b‖² of the rows behind the moments. */
function squaredError({ d, outputs, sums }: Moments, { weights, bias }: Solution): number {
  const n = d + outputs + 1;
  const at = (p: number, q: number) => sums[Math.max(p, q) * n + Math.min(p, q)];
  let total = 0;
  for (let o = 0; o < outputs; o++) {
    // c · z is the residual, so its square is cᵀ (z zᵀ) c.
    const c = new Float64Array(n);
    for (let j = 0; j < d; j++) c[j] = -weights[j * outputs + o];
    c[d + o] = 1;
    c[n - 1] = -bias[o];
    for (let p = 0; p < n; p++) for (let q = 0; q < n && c[p] !== 0; q++) total += c[p] * c[q] * at(p, q);
  }
  return total;
}
