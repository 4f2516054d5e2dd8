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

/** Throws unless a domain, where there is one, has an interval for every feature. */
export function checkDomain(layer: string, domain: Box | undefined, features: number): void {
  if (domain && domain.length !== features) {
    throw new GmnmError(`domain of ${layer} must have ${features} intervals, got ${domain.length}`);
  }
}

/** The box over which centres start: the domain, else the sample's, else [−1, 1] for every feature. */
export const startingBox = (features: number, domain?: Box, sample?: Tensor): Box =>
  domain ?? (sample ? boxOf(sample) : Array.from({ length: features }, () => [-1, 1] as const));

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

/** Lloyd's k-means from scattered rows: m centres (m, features). A cluster that loses all its rows keeps its centre. */
export function kMeansCenters(random: Random, sample: Tensor, m: number, iterations = 20): Tensor {
  const [rows, d] = sample.shape;
  const centers = scatteredRows(random, sample, m);
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

/**
 * k-means++ (D. Arthur, S. Vassilvitskii, 2007): each row is drawn with a probability proportional to its squared distance from the
 * rows drawn before. From rows drawn without regard to each other, Lloyd's iteration mostly ends with two clusters taken for one.
 */
function scatteredRows(random: Random, sample: Tensor, m: number): Tensor {
  const [rows, d] = sample.shape;
  if (m >= rows) return sampledCenters(random, sample, m);
  const chosen = [random.integer(rows)];
  const distances = new Float64Array(rows).fill(Infinity);
  while (chosen.length < m) {
    const last = chosen[chosen.length - 1];
    let total = 0;
    for (let i = 0; i < rows; i++) {
      distances[i] = Math.min(distances[i], squaredDistance(sample.data, i * d, sample.data, last * d, d));
      total += distances[i];
    }
    let left = random.uniform(0, total);
    let row = 0;
    while (row < rows - 1 && left >= distances[row]) left -= distances[row++];
    chosen.push(row);
  }
  return takeRows(sample, chosen);
}

function squaredDistance(a: Float32Array, aStart: number, b: Float32Array, bStart: number, d: number): number {
  let distance = 0;
  for (let j = 0; j < d; j++) distance += (a[aStart + j] - b[bStart + j]) ** 2;
  return distance;
}

/** Mean over the centres (m, d) of the distance to the nearest other one, features divided by their spread; 1 for a single centre. */
export function meanNearestDistance(centers: Tensor, spread: readonly number[]): number {
  const [m, d] = centers.shape;
  let sum = 0;
  for (let k = 0; k < m; k++) {
    let nearest = Infinity;
    for (let l = 0; l < m; l++) {
      let distance = 0;
      for (let j = 0; j < d; j++) distance += ((centers.data[k * d + j] - centers.data[l * d + j]) / spread[j]) ** 2;
      if (l !== k && distance < nearest) nearest = distance;
    }
    sum += Math.sqrt(nearest);
  }
  return m > 1 && sum > 0 ? sum / m : 1;
}

function nearestCenter(rows: Float32Array, at: number, centers: Float32Array, m: number, d: number): number {
  let best = 0;
  let bestDistance = Infinity;
  for (let k = 0; k < m; k++) {
    const distance = squaredDistance(rows, at, centers, k * d, d);
    if (distance < bestDistance) {
      bestDistance = distance;
      best = k;
    }
  }
  return best;
}
