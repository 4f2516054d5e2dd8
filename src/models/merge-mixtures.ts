import { GmnmError } from "../errors.ts";
import type { Model } from "../model.ts";
import { type GmnmConfig, gmnm } from "../nn/gmnm.ts";
import { type Tensor, tensor } from "../tensor.ts";

type Tensors = Readonly<Record<string, Tensor>>;

/** What mixtures must share to be one: the number of components, and how they started, may differ. */
const SHARED = ["inFeatures", "outFeatures", "aggregate", "covariance", "rank", "centers", "bias", "skip"] as const;

/**
 * The mean of mixtures is a mixture with all their components: weights divided by the number of models, bias and linear path averaged.
 * Exact up to rounding. Our choice of how an ensemble of mixtures is kept: as one layer, which everything that knows mixtures knows.
 *
 * @param models of `gmnm` layers alike but for `numComponents` and their start.
 * @example
 * ```ts
 * const one = mergeMixtures([first.model, second.model]);
 * ```
 * @throws GmnmError for other layers, for mixtures that differ, and for partitions of unity, whose mean is none.
 */
export function mergeMixtures(models: readonly Model[]): Model {
  if (models.length === 0) throw new GmnmError("mergeMixtures needs at least one model, got none");
  const configs = models.map(({ layer }) => layer.config as GmnmConfig);
  const [first] = configs;
  for (const config of configs) {
    if (config.type !== "gmnm") throw new GmnmError(`mergeMixtures merges gmnm layers, got one of type ${config.type}`);
    if (config.partitionOfUnity) {
      throw new GmnmError("mixtures that are a partition of unity cannot be merged: their mean is not one");
    }
    const differs = SHARED.find((option) => config[option] !== first[option]);
    if (differs !== undefined) {
      throw new GmnmError(
        `mixtures to merge must have the same ${differs}, got ${first[differs]} and ${config[differs]}`,
      );
    }
  }
  if (models.length === 1) return models[0];
  const { type, inFeatures, outFeatures, ...options } = first;
  const numComponents = configs.reduce((sum, config) => sum + config.numComponents, 0);
  const members = models.map(({ params }) => params as unknown as Tensors);
  const params: Record<string, Tensor> = {};
  for (const name of Object.keys(members[0])) {
    const parts = members.map((member) => member[name]);
    if (name === "centers") params[name] = joinRows(parts);
    else if (name === "weights") params[name] = scaled(joinRows(parts), 1 / models.length);
    else if (name === "bias" || name === "skip") params[name] = mean(parts);
    else params[name] = joinColumns(parts); // projections and offsets: the components are the last axis
  }
  return { layer: gmnm(inFeatures, outFeatures, { ...options, numComponents }), params };
}

const scaled = ({ data, shape }: Tensor, factor: number): Tensor => ({ data: data.map((v) => v * factor), shape });

/** Summed in float64. */
const mean = (parts: readonly Tensor[]): Tensor =>
  tensor(
    Array.from(parts[0].data, (_, i) => parts.reduce((sum, { data }) => sum + data[i], 0) / parts.length),
    parts[0].shape,
  );

/** (a, n) and (b, n) → (a + b, n). */
const joinRows = (parts: readonly Tensor[]): Tensor =>
  tensor(
    parts.flatMap(({ data }) => [...data]),
    [parts.reduce((sum, { shape }) => sum + shape[0], 0), ...parts[0].shape.slice(1)],
  );

/** (…, a) and (…, b) → (…, a + b). */
function joinColumns(parts: readonly Tensor[]): Tensor {
  const width = parts.reduce((sum, { shape }) => sum + shape[shape.length - 1], 0);
  const lead = parts[0].shape.slice(0, -1);
  const data = new Float32Array(lead.reduce((a, b) => a * b, 1) * width);
  let offset = 0;
  for (const part of parts) {
    const own = part.shape[part.shape.length - 1];
    for (let i = 0; i * own < part.data.length; i++) {
      data.set(part.data.subarray(i * own, (i + 1) * own), i * width + offset);
    }
    offset += own;
  }
  return { data, shape: [...lead, width] };
}
