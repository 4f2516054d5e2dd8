// Which column, and which level of it, a feature of the model stands for, and the way back from features to the column's unit.
import { widthOf } from "../table/encode.ts";
import type { Input, Preprocessing } from "../table/preprocessing.ts";
import { signedExp } from "../table/statistics.ts";

/** A feature that says where a row is: a number, a date's course, or one level of a category. Flags and cycles are left out. */
export type FeaturePlace = { input: Input; level?: string; feature: number };

/** The features of all inputs that say where a row is. */
export function featurePlaces({ inputs }: Preprocessing): FeaturePlace[] {
  let feature = 0;
  return inputs.flatMap((input): FeaturePlace[] => {
    const first = feature;
    feature += widthOf(input);
    if (input.kind !== "category") return [{ input, feature: first }];
    return input.levels.map((level, i) => ({ input, level, feature: first + i }));
  });
}

/** A feature's value in the unit of its column; of a date, days since 2000-01-01. */
export function rawValue(input: Input, value: number): number {
  if (input.kind === "category") return value;
  const raw = value * input.scale + input.center;
  return input.kind === "number" && input.transform === "signedLog" ? signedExp(raw) : raw;
}
