import { GmnmError } from "../errors.ts";
import { mlp } from "../models/mlp.ts";
import { MAX_COORDINATES } from "../nn/coordinates.ts";
import type { ActivationName } from "../nn/elementwise.ts";
import type { LayerConfig } from "../nn/layer.ts";
import type { TableTask } from "./types.ts";

/** Kinds of model that {@link fitTable} can search. */
export const modelNames = ["gmnm", "additiveGmnm", "mlp", "kan", "fastKan", "rbf", "linear"] as const;
export type ModelName = (typeof modelNames)[number];

/** One form of model, and how it is trained. */
export type Candidate = {
  /** As shown to users, such as "gmnm diagonal, weight decay 0.3". */
  name: string;
  config: LayerConfig;
  /** Trained numbers. */
  parameters: number;
  learningRate: number;
  weightDecay: number;
  /** Whether the decay also takes the projections of mixtures, which makes Gaussians wider. */
  decayProjections?: boolean;
};

/** What decides the sizes of candidates. */
export type Shape = { rows: number; features: number; outputs: number };

/** Twice as wide as Gaussians start by default: as good on two tables of eight features, better or worse by what else differs. */
const WIDE = 2.5;

type Form = { config: (width: number) => LayerConfig; parameters: (width: number) => number };
type Setting = { form: string; learningRate: number; weightDecay: number; decayProjections?: boolean };
/** How one differs from a candidate: in its share of the parameters, or in its learning rate. */
type Change = { size?: number; learningRate?: number };

/** Parameters that a model should have: more for more rows, more outputs and more features. Our choice. */
export function targetParameters({ rows, features: d, outputs: o }: Shape): number {
  const byRows = rows < 5000 ? Math.min(2000, Math.max(200, 2 * rows)) : rows < 50_000 ? 4000 : 8000;
  return Math.max(Math.round(byRows * (1 + (o - 1) / 8)), 12 * (2 * d + o) + (d + 1) * o);
}

/**
 * The candidates of a kind of model for a table, best guess first. Every kind but the linear one has as many, with as many parameters within
 * 5 % where a whole width allows it, so that kinds can be compared.
 *
 * @throws GmnmError for an unknown kind.
 */
export function candidatesOf(model: ModelName, shape: Shape, task: TableTask): Candidate[] {
  if (!modelNames.includes(model)) {
    throw new GmnmError(`model must be one of ${modelNames.join(", ")}, got "${model}"`);
  }
  return settingsOf(model, shape, task).map((setting) => candidateOf(setting, shape));
}

/**
 * For each candidate, in their order, what to try when it does best: half its size, twice its size, and another learning rate. Without what is
 * among the candidates already; of the linear model, which has neither a size nor a rate to choose, nothing.
 */
export function variantsOf(model: ModelName, shape: Shape, task: TableTask): Candidate[][] {
  const candidates = candidatesOf(model, shape, task);
  if (model === "linear") return candidates.map(() => []);
  const known = new Set(candidates.map(({ name }) => name));
  return settingsOf(model, shape, task).map((setting, i) => {
    const { parameters, learningRate } = candidates[i];
    const changes = [{ size: 0.5 }, { size: 2 }, { learningRate: learningRate === 0.03 ? 0.01 : 0.03 }];
    return changes
      .map((change) => candidateOf(setting, shape, change))
      .filter((one) => !known.has(one.name))
      .filter((one) => one.parameters !== parameters || one.learningRate !== learningRate);
  });
}

function candidateOf(setting: Setting, shape: Shape, { size = 1, ...change }: Change = {}): Candidate {
  const { form, ...training } = { ...setting, ...change };
  const { config, parameters } = formsOf(shape)[form];
  const width = widthFor(size * targetParameters(shape), parameters);
  const { learningRate: rate, weightDecay: decay } = training;
  const name = [
    form,
    ...(decay > 0 ? [`weight decay ${decay}`] : []),
    ...(rate === 0.03 ? [] : [`rate ${rate}`]),
    ...(size === 1 ? [] : [size < 1 ? "half the size" : "twice the size"]),
  ];
  return { name: name.join(", "), config: config(width), parameters: parameters(width), ...training };
}

function settingsOf(model: ModelName, { features }: Shape, task: TableTask): Setting[] {
  const at = (form: string, weightDecay: number, learningRate: number, decayProjections = false): Setting => ({
    form,
    learningRate,
    weightDecay,
    ...(decayProjections && { decayProjections }),
  });
  switch (model) {
    case "gmnm":
      // Up to so many they may be coordinates, and what is to be learnt a field over them: Gaussians all over their box, of any direction.
      if (features <= MAX_COORDINATES) {
        return [
          at("gmnm full, spaced", 0.03, 0.03),
          at("gmnm diagonal", 0.3, 0.03),
          at("gmnm diagonal, wide", 1, 0.03),
          at("gmnm full, spaced", 0.3, 0.03),
          at("gmnm rank 2", 0.3, 0.03),
          at("gmnm full", 0.3, 0.03, true),
        ];
      }
      return [
        at("gmnm diagonal", 0.3, 0.03),
        at("gmnm rank 2", 0.3, 0.03),
        at("gmnm diagonal, wide", 1, 0.03),
        at(features <= 12 ? "gmnm full" : "gmnm rank 4", 0.3, 0.03, true),
        at("gmnm diagonal, wide", 0.3, 0.03),
        at("gmnm rank 2", 1, 0.03, true),
      ];
    case "mlp":
      return [0.1, 0.3, 0.03].flatMap((decay) => [at("mlp relu", decay, 0.03), at("mlp silu silu", decay, 0.01)]);
    case "additiveGmnm":
      return [0.03, 0.01].flatMap((rate) => [0.3, 0.1, 1].map((decay) => at(model, decay, rate)));
    case "kan":
    case "fastKan":
      return [
        ...[0.1, 0.3, 0.03].map((decay) => at(model, decay, 0.03)),
        ...[0.1, 0.3].map((decay) => at(model, decay, 0.01)),
        at(model, 1, 0.03),
      ];
    case "rbf":
      return [0.03, 0.1].flatMap((rate) => [0.1, 0.03, 0.3].map((decay) => at("rbf", decay, rate)));
    case "linear":
      // Its least squares have a solution; its cross-entropy does not.
      return task === "regression" ? [at("linear", 0, 0.03)] : [0.01, 0.1, 1].map((decay) => at("linear", decay, 0.03));
  }
}

/** Builders by form; a width is the number of components or of hidden units. */
function formsOf({ features: d, outputs: o }: Shape): Record<string, Form> {
  const mixture = (covariance: string, projections: number, more: object = {}): Form => ({
    config: (m) => ({
      type: "gmnm",
      inFeatures: d,
      outFeatures: o,
      numComponents: m,
      covariance,
      skip: true,
      initializer: "sampled",
      ...more,
    }),
    parameters: (m) => m * (d + projections + o) + (d + 1) * o,
  });
  const perceptron = (nonlinearity: ActivationName, hidden: number): Form => ({
    config: (w) => mlp([d, ...Array<number>(hidden).fill(w), o], { nonlinearity }).config,
    parameters: (w) => (d + 1) * w + (hidden - 1) * (w + 1) * w + (w + 1) * o,
  });
  const stacked = (layer: object) => (w: number) => ({
    type: "sequential",
    layers: [
      { ...layer, inFeatures: d, outFeatures: w },
      { ...layer, inFeatures: w, outFeatures: o },
    ],
  });
  return {
    "gmnm diagonal": mixture("diagonal", d),
    "gmnm diagonal, wide": mixture("diagonal", d, { width: WIDE }),
    "gmnm full": mixture("full", d * d),
    "gmnm full, spaced": mixture("full", d * d, { initializer: "spaced" }),
    "gmnm rank 2": mixture("lowRank", 2 * d, { rank: 2, width: WIDE }),
    "gmnm rank 4": mixture("lowRank", 4 * d, { rank: 4 }),
    "mlp relu": perceptron("relu", 1),
    "mlp silu silu": perceptron("silu", 2),
    additiveGmnm: {
      config: stacked({ type: "additiveGmnm", numComponents: 8 }),
      parameters: (w) => 9 * w * (d + o) + 16 * (d + w) + w + o,
    },
    kan: { config: stacked({ type: "kan", gridSize: 5 }), parameters: (w) => 9 * w * (d + o) },
    fastKan: {
      config: stacked({ type: "fastKan", numGrids: 8 }),
      parameters: (w) => 9 * w * (d + o) + w + o + 2 * (d + w),
    },
    rbf: {
      config: (m) => ({ type: "rbf", inFeatures: d, outFeatures: o, numComponents: m }),
      parameters: (m) => m * (d + 1 + o) + o,
    },
    linear: {
      config: () => ({ type: "linear", inFeatures: d, outFeatures: o }),
      parameters: () => (d + 1) * o,
    },
  };
}

/** The width whose number of parameters comes closest; of widths within 5 %, a multiple of 4, which runs faster. */
function widthFor(target: number, parameters: (width: number) => number): number {
  let width = 1;
  while (width < 4096 && parameters(width + 1) <= target && parameters(width + 1) > parameters(width)) width++;
  const miss = (w: number) => Math.abs(parameters(w) / target - 1);
  const near = [width - 3, width - 2, width - 1, width, width + 1, width + 2, width + 3].filter((w) => w >= 1);
  const fast = near.filter((w) => w % 4 === 0 && miss(w) <= 0.05).sort((a, b) => miss(a) - miss(b));
  return fast[0] ?? near.sort((a, b) => miss(a) - miss(b))[0];
}
