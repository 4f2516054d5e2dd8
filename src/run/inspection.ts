// What a trained model is made of, in the units of the table it was trained on.

import * as v from "valibot";
import type { Model } from "../model.ts";
import { describeComponents } from "../nn/components.ts";
import type { LayerConfig } from "../nn/layer.ts";
import { countParameters } from "../params.ts";
import type { Input, Preprocessing } from "../table/preprocessing.ts";
import type { Tensor } from "../tensor.ts";
import { mixturesOfFeatures } from "../train/novelty.ts";
import { featurePlaces, rawValue } from "./features.ts";
import { influences } from "./influence.ts";

const finite = v.number();
const place = v.object({
  input: v.string(),
  /** Of a level of a category, the level; the numbers are then between 0 (another level) and 1 (this one). */
  level: v.optional(v.string()),
  /** True where the numbers are days since 2000-01-01. */
  isDate: v.optional(v.boolean()),
  center: finite,
  low: finite,
  high: finite,
  /** Its width in standard deviations of the column, of a level in quarters of the step from 0 to 1: below 1 it is local there. */
  width: finite,
});
const component = v.object({
  /** By what it adds where it is 1, for every output: in the target's unit, or as a logit. */
  weight: v.array(finite),
  /** Mean activation over the rows. */
  meanActivation: finite,
  /** Its part of Σ |π| · mean f over all components. */
  share: finite,
  /** True when no row activates it. */
  dead: v.boolean(),
  /** The columns along which it is narrower than four standard deviations, the narrowest first; along others it hardly changes. */
  places: v.array(place),
});
/** The form of `inspection.json`. */
export const inspectionSchema = v.object({
  /** One line for each layer. */
  architecture: v.array(v.string()),
  parameters: finite,
  /** Of how many rows. */
  rows: finite,
  /** Of the columns of a table; the strongest first. */
  influences: v.array(
    v.object({
      input: v.string(),
      isDate: v.optional(v.boolean()),
      share: finite,
      at: v.array(v.union([v.number(), v.string()])),
      mean: v.array(v.array(finite)),
    }),
  ),
  /** All mixtures that see the features, the strongest component first. */
  components: v.array(component),
});

/** Where a Gaussian lies along one column: its centre, and one width to either side, in the column's unit. */
export type Place = v.InferOutput<typeof place>;
/** One Gaussian. */
export type ComponentReport = v.InferOutput<typeof component>;
/** What `gmnm inspect` tells. */
export type Inspection = v.InferOutput<typeof inspectionSchema>;

/** Wider than so many standard deviations of a column, a Gaussian is taken to ignore it. Our choice. */
const IGNORES = 4;

/**
 * Describes a model of a table on rows that its preprocessing has encoded, x (rows, features).
 *
 * @example
 * ```ts
 * const { components } = await inspectModel(model, preprocessing, x);
 * const strongest = components[0].places[0]; // where it is narrowest
 * ```
 */
export async function inspectModel(model: Model, preprocessing: Preprocessing, x: Tensor): Promise<Inspection> {
  const places = featurePlaces(preprocessing);
  const spread = x.shape[0] > 1 ? spreadOf(x) : places.map(() => 1);
  const scales =
    preprocessing.target.kind === "numbers" ? preprocessing.target.columns.map(({ scale }) => scale) : undefined;
  const described = mixturesOfFeatures(model.layer.config, model.params).flatMap(({ config, params }, _, all) =>
    describeComponents(config, params, x).map((component): ComponentReport => {
      // An ensemble is the mean of its members: each counts for as much.
      const weight = component.weight.map((pi, o) => (pi * (scales?.[o] ?? 1)) / all.length);
      return {
        weight,
        meanActivation: component.meanActivation!,
        share: norm(weight) * component.meanActivation!,
        dead: component.dead!,
        places: placesOf(component.center, component.precision, places, spread),
      };
    }),
  );
  const total = described.reduce((sum, { share }) => sum + share, 0) || 1;
  return {
    architecture: architectureOf(model.layer.config),
    parameters: countParameters(model.params),
    rows: x.shape[0],
    influences: await influences(model, preprocessing, x),
    components: described
      .map((component) => ({ ...component, share: component.share / total }))
      .sort((a, b) => b.share - a.share),
  };
}

type Feature = { input: Input; level?: string; feature: number };

function placesOf(center: number[], precision: number[][], features: readonly Feature[], spread: number[]): Place[] {
  return features
    .flatMap(({ input, level, feature }): Place[] => {
      const width = 1 / Math.sqrt(precision[feature][feature]);
      // A level is there or not, however rare it is: what counts is whether a Gaussian tells 0 from 1.
      const unit = level === undefined ? spread[feature] : 1 / IGNORES;
      if (!(width < IGNORES * unit)) return [];
      const at = (value: number) => (level === undefined ? rawValue(input, value) : value);
      const c = center[feature];
      const ends = [at(c - width), at(c + width)];
      return [
        {
          input: input.name,
          ...(level !== undefined && { level }),
          ...(input.kind === "date" && { isDate: true }),
          center: at(c),
          low: Math.min(...ends),
          high: Math.max(...ends),
          width: width / unit,
        },
      ];
    })
    .sort((a, b) => a.width - b.width);
}

const norm = (values: readonly number[]): number => Math.hypot(...values);

function spreadOf({ data, shape: [rows, d] }: Tensor): number[] {
  return Array.from({ length: d }, (_, j) => {
    let [sum, squares] = [0, 0];
    for (let i = 0; i < rows; i++) {
      sum += data[i * d + j];
      squares += data[i * d + j] ** 2;
    }
    return Math.sqrt(Math.max(0, squares / rows - (sum / rows) ** 2)) || 1;
  });
}

/** One line for each layer, layers within layers indented. */
export function architectureOf(config: LayerConfig, indent = ""): string[] {
  const { type, layers, layer, ...options } = config as LayerConfig & { layers?: LayerConfig[]; layer?: LayerConfig };
  const inner = Array.isArray(layers) ? layers : layer ? [layer] : [];
  return [`${indent}${describeLayer(type, options)}`, ...inner.flatMap((one) => architectureOf(one, `${indent}  `))];
}

function describeLayer(type: string, options: Record<string, unknown>): string {
  const { inFeatures, outFeatures, numComponents, covariance, rank, skip } = options;
  const shape = inFeatures === undefined ? "" : ` ${inFeatures} → ${outFeatures ?? options.hiddenSize ?? inFeatures}`;
  if (numComponents === undefined)
    return `${type}${shape}${typeof options.name === "string" ? ` ${options.name}` : ""}`;
  const form = covariance === "lowRank" ? `rank ${rank}` : covariance;
  const each = type === "additiveGmnm" ? " per feature" : "";
  const parts = [
    `${numComponents} Gaussians${each}`,
    ...(form ? [String(form)] : []),
    ...(skip ? ["linear path"] : []),
  ];
  return `${type}${shape}: ${parts.join(", ")}`;
}
