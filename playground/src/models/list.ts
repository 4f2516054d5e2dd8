// The models side by side, and what may be done to the list. Lists that are given stay as they are.
import { matched } from "./count.ts";
import { type Family, type ModelSpec, newModel } from "./spec.ts";

/** Models side by side at most; the first is the one that the others are matched with. */
export const MAX_MODELS = 4;

/** Models, and whether the others are matched with the first, from inFeatures to outFeatures. */
export type ModelList = { models: ModelSpec[]; match: boolean };
type Features = readonly [inFeatures: number, outFeatures: number];

/** Model i with other settings; of another family it starts as those do. */
export function withChanges(
  { models, match }: ModelList,
  i: number,
  changes: Partial<ModelSpec>,
  features: Features,
): ModelList {
  const spec = models[i];
  const { family = spec.family } = changes;
  const next = family === spec.family ? { ...spec, ...changes } : newModel(family, { initializer: spec.initializer });
  // A size typed in for a rival is meant: it is no longer matched.
  const stillMatch = match && !("size" in changes && i > 0);
  return inTune({ models: models.with(i, next), match: stillMatch }, features);
}

/** One model more, of a family that is not there yet. */
export function withAnother({ models, match }: ModelList, features: Features): ModelList {
  if (models.length >= MAX_MODELS) return { models, match };
  const order: Family[] = ["gmnm", "mlp", "kan", "rbf", "fastKan"];
  const family = order.find((each) => models.every((model) => model.family !== each)) ?? "gmnm";
  return inTune({ models: [...models, newModel(family)], match }, features);
}

/** All but model i; one is always left. */
export const without = (models: ModelSpec[], i: number): ModelSpec[] =>
  models.length > 1 ? models.filter((_, k) => k !== i) : models;

const inTune = ({ models, match }: ModelList, features: Features): ModelList => ({
  models: match ? matched(models, ...features) : models,
  match,
});
