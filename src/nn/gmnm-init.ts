// How a gmnm layer starts. Every rule here is our choice; docs/method.md has the measurements behind them.
import { GmnmError } from "../errors.ts";
import type { Random } from "../random.ts";
import { type Tensor, toArray, zeros } from "../tensor.ts";
import {
  type Box,
  kMeansCenters,
  meanNearestDistance,
  sampledCenters,
  spacedCenters,
  standardDeviations,
  startingBox,
} from "./centers.ts";
import { MAX_COORDINATES } from "./coordinates.ts";
import type { GmnmConfig, GmnmParams } from "./gmnm.ts";
import { sampleRows } from "./layer.ts";

export function initializeGmnm(config: GmnmConfig, random: Random, sample?: Tensor): GmnmParams {
  const { inFeatures: d, outFeatures, numComponents: m } = config;
  const { centers, widths } = place(config, random, sample && sampleRows("gmnm", sample, d));
  const projections = initialProjections(config, random, widths);
  const params: GmnmParams = {
    projections: toArray(projections),
    // Small, so that the first Gaussians to grow are those that fit something, and not zero, so that all have a gradient.
    weights: toArray(random.normal([m, outFeatures], config.weightScale / Math.sqrt(m))),
  };
  if (config.centers === "explicit") params.centers = toArray(centers);
  else params.offsets = toArray(projectCenters(projections, centers));
  if (config.bias) params.bias = toArray(zeros([outFeatures]));
  if (config.skip) params.skip = toArray(zeros([d, outFeatures]));
  return params;
}

/** Centres (m, d), and the width of the starting Gaussians along each feature. */
function place(config: GmnmConfig, random: Random, sample?: Tensor): { centers: Tensor; widths: number[] } {
  const { inFeatures: d, numComponents: m, width } = config;
  const initializer = config.initializer ?? (d <= MAX_COORDINATES ? "spaced" : sample ? "sampled" : "random");
  if (initializer === "spaced") {
    const box = startingBox(d, config.domain, sample);
    const spacing = m ** (-1 / d); // of m points in the unit box
    return {
      centers: spacedCenters(random, widen(box, spacing), m),
      widths: box.map(([a, b]) => width * spacing * (b - a)),
    };
  }
  if (initializer !== "random" && !sample) {
    throw new GmnmError(
      `initializer "${initializer}" of gmnm needs rows to start from; pass a sample to init, or fit the layer`,
    );
  }
  const spread = sample ? standardDeviations(sample) : Array.from({ length: d }, () => 1);
  if (initializer === "kMeans") {
    // Clusters are local: the classical width of a radial basis network, the distance to the nearest other centre.
    const centers = kMeansCenters(random, sample!, m);
    const reach = meanNearestDistance(centers, spread);
    return { centers, widths: spread.map((s) => width * s * reach) };
  }
  // Two rows differ by 2 s_j² in mean square along feature j, so these widths make E[y²] = 1 / width² between rows, in any dimension:
  // with a width that ignores d, exp(−y²/2) underflows everywhere.
  const widths = spread.map((s) => width * s * Math.sqrt(2 * d));
  if (initializer === "sampled") return { centers: sampledCenters(random, sample!, m), widths };
  const centers = random.normal([m, d]);
  for (let i = 0; i < centers.data.length; i++) centers.data[i] *= spread[i % d];
  return { centers, widths };
}

/** The box a little larger, by a share of the spacing, because functions do not stop being functions at the edge of the data. */
function widen(box: Box, spacing: number): Box {
  const margin = 0.25 * spacing;
  return box.map(([low, high]) => [low - margin * (high - low), high + margin * (high - low)]);
}

/** P: 1/σ_j on the diagonal where the rank allows it, else random rows of the same mean square. */
function initialProjections(config: GmnmConfig, random: Random, widths: number[]): Tensor {
  const { inFeatures: d, numComponents: m, covariance } = config;
  if (covariance === "isotropic") {
    const logMean = widths.reduce((sum, s) => sum + Math.log(s), 0) / d;
    return { data: new Float32Array(m).fill(Math.exp(-logMean)), shape: [m] };
  }
  if (covariance === "diagonal") {
    return { data: Float32Array.from({ length: d * m }, (_, i) => 1 / widths[Math.floor(i / m)]), shape: [d, m] };
  }
  const rank = covariance === "full" ? d : config.rank;
  const entry = (j: number, r: number) =>
    covariance === "full" ? Number(j === r) / widths[j] : random.gaussian() / (widths[j] * Math.sqrt(rank));
  const data = Float32Array.from({ length: d * rank * m }, (_, i) =>
    entry(Math.floor(i / (rank * m)), Math.floor(i / m) % rank),
  );
  return { data, shape: [d, rank, m] };
}

/** P_k μ_k: projections as initialised and centres (m, d) → (rank, m). */
export function projectCenters(projections: Tensor, centers: Tensor): Tensor {
  const [m, d] = centers.shape;
  const [rank] = projections.shape.length === 3 ? projections.shape.slice(1) : [d];
  const offsets = zeros([rank, m]);
  for (let r = 0; r < rank; r++) {
    for (let k = 0; k < m; k++) {
      const center = (j: number) => centers.data[k * d + j];
      if (projections.shape.length === 1) offsets.data[r * m + k] = projections.data[k] * center(r);
      else if (projections.shape.length === 2) offsets.data[r * m + k] = projections.data[r * m + k] * center(r);
      else for (let j = 0; j < d; j++) offsets.data[r * m + k] += projections.data[(j * rank + r) * m + k] * center(j);
    }
  }
  return offsets;
}
