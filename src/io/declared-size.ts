import type { LayerConfig } from "../nn/layer.ts";

type Options = Record<string, number> & { covariance?: string; skip?: unknown; affine?: unknown };

/** At least how many numbers a layer of each type takes to start, from its options. */
const SIZES: Record<string, (options: Options) => number> = {
  gmnm({ inFeatures: d, outFeatures: o, numComponents: m, rank, covariance, skip }) {
    const perComponent = covariance === "full" ? d * d : covariance === "lowRank" ? d * rank : d;
    return m * (perComponent + o) + (skip ? d * o : 0);
  },
  additiveGmnm: ({ inFeatures: d, outFeatures: o, numComponents: m }) => d * m * (2 + o),
  rbf: ({ inFeatures: d, outFeatures: o, numComponents: m }) => m * (d + o),
  kan: ({ inFeatures: d, outFeatures: o, gridSize }) => d * o * (gridSize + 3),
  fastKan: ({ inFeatures: d, outFeatures: o, numGrids }) => d * o * numGrids,
  linear: ({ inFeatures: d, outFeatures: o }) => d * o,
  // Its start solves for its m weights, which takes an (m, m) matrix.
  gaussianMixtureActivation: ({ numComponents: m, channels }) => m * Math.max(m, channels),
  layerNorm: ({ features, affine }) => (affine ? features : 0),
  conv2d: ({ inChannels, outChannels, kernelSize, groups }) => (kernelSize ** 2 * inChannels * outChannels) / groups,
  gaussianMixtureConv2d: ({ inChannels, outChannels, kernelSize, numComponents: m, rank }) =>
    m * (kernelSize ** 2 * inChannels * rank + outChannels),
  batchNorm: ({ channels }) => 4 * channels,
  lstm: ({ inFeatures, hiddenSize }) => 4 * hiddenSize * (inFeatures + hiddenSize),
  gru: ({ inFeatures, hiddenSize }) => 3 * hiddenSize * (inFeatures + hiddenSize),
  multiHeadAttention: ({ features }) => 4 * features ** 2,
  gaussianAttention: ({ features, numHeads, numKernels }) => 4 * features ** 2 + 2 * numHeads * numKernels,
  activation: () => 0,
  dropout: () => 0,
  maxPool2d: () => 0,
  avgPool2d: () => 0,
  globalAvgPool2d: () => 0,
  flatten: () => 0,
  gmnmLstm: ({ inFeatures, hiddenSize, numComponents, rank }) =>
    (inFeatures + hiddenSize) * (4 * hiddenSize + rank * numComponents),
  mixtureOverTime: ({ features, numComponents: m }) => m * (2 + features),
  positions: ({ tokens, features }) => tokens * features,
  patchTokens: () => 0,
  globalAvgPool1d: () => 0,
  unflatten: () => 0,
  linearPerColumn: ({ lookback, horizon, columns }) => lookback * horizon * columns,
  partOfSeries: () => 0,
  relativeToLastValue: () => 0,
  // Their layers are counted as they are met.
  sum: () => 0,
  residual: () => 0,
  overTime: () => 0,
  aroundLastValue: () => 0,
  decomposition: () => 0,
  sequential: () => 0,
  ensemble: () => 0,
};

/** Models below this many numbers are never refused: they cost nothing. */
const NEGLIGIBLE = 2 ** 20;

/** The types whose size is known here; layers of a caller's own builders are the caller's to bound. */
export const sizedTypes: readonly string[] = Object.keys(SIZES);

/**
 * Whether a file with so many numbers can hold the layer it describes. Asked before the layer makes its parameters: a file of a hundred
 * bytes may describe a layer of a thousand gigabytes.
 */
export const isPlausible = (config: LayerConfig, numbers: number): boolean =>
  declaredSize(config) <= Math.max(2 * numbers, NEGLIGIBLE);

/** The sizes of a layer and of all layers described within it, added up. For the config of a layer that was built: its options are checked. */
export function declaredSize(node: unknown): number {
  if (typeof node !== "object" || node === null) return 0;
  const { type } = node as { type?: unknown };
  const own = typeof type === "string" && Object.hasOwn(SIZES, type) ? SIZES[type](node as Options) : 0;
  return Object.values(node).reduce((sum: number, child) => sum + declaredSize(child), own);
}
