// What a model of the playground may be. The controls, the address and the layers are all made from these tables.
import {
  type ChoiceField,
  choice,
  type Field,
  flag,
  initialValues,
  type NumberField,
  number,
  whole,
} from "../state/fields.ts";

export const families = ["gmnm", "mlp", "kan", "fastKan", "rbf"] as const;
export type Family = (typeof families)[number];

/** Names as people know them. */
export const familyNames: Record<Family, string> = {
  gmnm: "GMNM",
  mlp: "MLP",
  kan: "KAN",
  fastKan: "FastKAN",
  rbf: "RBF",
};

/** What `size` counts. */
export const sizeNames: Record<Family, string> = {
  gmnm: "Gaussians",
  mlp: "Hidden width",
  kan: "Hidden width",
  fastKan: "Hidden width",
  rbf: "Radial functions",
};

/** What one may choose of a model. */
export const settingFields = {
  covariance: choice(["full", "lowRank", "diagonal", "isotropic"], "full"),
  rank: whole(1, 8, 1),
  aggregate: choice(["norm", "sum"], "norm"),
  centers: choice(["explicit", "projected"], "explicit"),
  initializer: choice(["spaced", "sampled", "kMeans", "random"], "spaced"),
  width: number(0.2, 4, 1.25),
  skip: flag(false),
  partition: flag(false),
  activation: choice(["tanh", "relu", "silu", "gelu", "sigmoid", "sin", "mixture"], "tanh"),
  depth: whole(1, 4, 2),
  grid: whole(2, 30, 5),
} as const;
export type SettingName = keyof typeof settingFields;
export type Settings = ReturnType<typeof initialValues<typeof settingFields>>;

/** A model: its family, its size, and settings, of which a family reads its own. */
export type ModelSpec = Settings & { family: Family; size: number };

/** How a setting is called and what it does, and when there is something to set. */
export const settings: Record<
  SettingName,
  { label: string; help: string; of: readonly Family[]; when?: (spec: ModelSpec) => boolean }
> = {
  covariance: { label: "Covariance", help: "The shape one Gaussian may take", of: ["gmnm"] },
  rank: {
    label: "Rank",
    help: "Directions a Gaussian sees; in the others it is endless",
    of: ["gmnm"],
    when: ({ covariance }) => covariance === "lowRank",
  },
  aggregate: { label: "Aggregate", help: "How the projections of a Gaussian become one number", of: ["gmnm"] },
  centers: { label: "Centres", help: "Whether μ or Pμ is learnt", of: ["gmnm"] },
  initializer: { label: "Start", help: "Where the centres start", of: ["gmnm", "rbf"] },
  width: { label: "Start width", help: "In spacings of the centres", of: ["gmnm", "rbf"] },
  skip: { label: "Linear path", help: "Adds xA", of: ["gmnm"] },
  partition: { label: "Partition of unity", help: "Divides by the sum of the Gaussians", of: ["gmnm"] },
  activation: { label: "Activation", help: "“mixture” is learnt: a sum of Gaussians per unit", of: ["mlp"] },
  depth: { label: "Hidden layers", help: "Layers of the hidden width", of: ["mlp"] },
  grid: { label: "Grid", help: "Intervals of the spline grid", of: ["kan", "fastKan"] },
};

export const MAX_SIZE = 256;
const initialSettings = initialValues(settingFields);
const initialSizes: Record<Family, number> = { gmnm: 24, mlp: 8, kan: 4, fastKan: 4, rbf: 32 };

/** A model of a family as it starts; spline grids of FastKAN have as many Gaussians as a KAN's grid has splines. */
export const newModel = (family: Family, changes: Partial<ModelSpec> = {}): ModelSpec => ({
  family,
  size: initialSizes[family],
  ...initialSettings,
  ...changes,
});

/** The settings that a model has, in the order of the table. */
export const settingsOf = (spec: ModelSpec): SettingName[] =>
  (Object.keys(settings) as SettingName[]).filter((name) => {
    const { of, when } = settings[name];
    return of.includes(spec.family) && (when?.(spec) ?? true);
  });

/** The field of a setting, of whatever type. */
export const fieldOf = (
  name: SettingName,
): Field<unknown> & Partial<Pick<ChoiceField<string>, "choices"> & Pick<NumberField, "min" | "max">> =>
  settingFields[name] as never;

const valueNames: Readonly<Record<string, string>> = {
  lowRank: "low rank",
  kMeans: "k-means",
  relu: "ReLU",
  silu: "SiLU",
  gelu: "GELU",
};
/** The value of a setting as people write it. */
export const valueName = (value: string): string => valueNames[value] ?? value;

/** The name of a model in a legend, such as "MLP tanh". */
export function nameOf({ family, activation, covariance, rank }: ModelSpec): string {
  if (family === "mlp") return `MLP ${valueName(activation)}`;
  if (family === "gmnm" && covariance !== "full")
    return `GMNM ${covariance === "lowRank" ? `rank ${rank}` : covariance}`;
  return familyNames[family];
}
