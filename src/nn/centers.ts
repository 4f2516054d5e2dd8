// Where the components start. Spaced centres are our choice: with them a mixture beats one started at random by 3 to 6 times in test
// error on functions of two variables (docs/method.md).
import { GmnmError } from "../errors.ts";
import type { Random } from "../random.ts";
import { type Tensor, takeRows } from "../tensor.ts";
import { MAX_SOBOL_DIMENSION, sobol } from "./sobol.ts";

/** [low, high] per feature. */
export type Box = readonly (readonly [number, number])[];

/** The smallest box that holds every row of a sample (rows, features). A constant feature gets a side of 1. */
export function boxOf(sample: Tensor): Box {
  const [rows, features] = sample.shape;
  return Array.from({ length: features }, (_, j) => {
    let low = Infinity;
    let high = -Infinity;
    for (let i = 0; i < rows; i++) {
      const value = sample.data[i * features + j];
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    return low < high ? [low, high] : [low - 0.5, low + 0.5];
  });
}

/** Standard deviation of each feature of a sample (rows, features); 1 for a constant feature. */
export function standardDeviations(sample: Tensor): number[] {
  const [rows, features] = sample.shape;
  return Array.from({ length: features }, (_, j) => {
    let sum = 0;
    let squares = 0;
    for (let i = 0; i < rows; i++) sum += sample.data[i * features + j];
    for (let i = 0; i < rows; i++) squares += (sample.data[i * features + j] - sum / rows) ** 2;
    return Math.sqrt(squares / rows) || 1;
  });
}

/** m points (m, features) spread evenly over a box: Sobol points with a random digital shift, so that seeds differ. */
export function spacedCenters(random: Random, box: Box, m: number): Tensor {
  const d = box.length;
  if (d > MAX_SOBOL_DIMENSION) {
    throw new GmnmError(
      `initializer "spaced" covers up to ${MAX_SOBOL_DIMENSION} input features, got ${d}; use "sampled", "kMeans" or "random"`,
    );
  }
  const unit = sobol(m, d, random);
  const data = new Float32Array(m * d);
  for (let i = 0; i < data.length; i++) {
    const [low, high] = box[i % d];
    data[i] = low + (high - low) * unit[i];
  }
  return { data, shape: [m, d] };
}

/** m different rows (m, features) of a sample; rows repeat, with a little noise, only when there are fewer than m. */
export function sampledCenters(random: Random, sample: Tensor, m: number): Tensor {
  const [rows, d] = sample.shape;
  const order = random.permutation(rows);
  const centers = takeRows(
    sample,
    Uint32Array.from({ length: m }, (_, k) => order[k % rows]),
  );
  if (m > rows) {
    const spread = standardDeviations(sample);
    for (let i = rows * d; i < m * d; i++) centers.data[i] += 0.1 * spread[i % d] * random.gaussian();
  }
  return centers;
}

/** Lloyd's k-means from sampled rows: m centres (m, features). A cluster that loses all its rows keeps its centre. */
export function kMeansCenters(random: Random, sample: Tensor, m: number, iterations = 20): Tensor {
  const [rows, d] = sample.shape;
  const centers = sampledCenters(random, sample, m);
  const nearest = new Uint32Array(rows);
  for (let iteration = 0; iteration < iterations; iteration++) {
    let moved = 0;
    const sums = new Float64Array(m * d);
    const counts = new Uint32Array(m);
    for (let i = 0; i < rows; i++) {
      const k = nearestCenter(sample.data, i * d, centers.data, m, d);
      if (k !== nearest[i]) moved++;
      nearest[i] = k;
      counts[k]++;
      for (let j = 0; j < d; j++) sums[k * d + j] += sample.data[i * d + j];
    }
    for (let i = 0; i < m * d; i++) {
      const n = counts[Math.floor(i / d)];
      if (n > 0) centers.data[i] = sums[i] / n;
    }
    if (moved === 0 && iteration > 0) break;
  }
  return centers;
}

function nearestCenter(rows: Float32Array, at: number, centers: Float32Array, m: number, d: number): number {
  let best = 0;
  let bestDistance = Infinity;
  for (let k = 0; k < m; k++) {
    let distance = 0;
    for (let j = 0; j < d; j++) distance += (rows[at + j] - centers[k * d + j]) ** 2;
    if (distance < bestDistance) {
      bestDistance = distance;
      best = k;
    }
  }
  return best;
}
