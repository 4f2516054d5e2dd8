// Which pieces stand around the layers: called alike in every language.
import { parseDate } from "../table/dates.ts";
import { type AnyPreprocessing, isSeries } from "../table/json-rows.ts";
import type { Input } from "../table/preprocessing.ts";

/** The kinds of the columns that a model reads, each once; of a series none. */
export const kindsOf = (preprocessing: AnyPreprocessing): Input["kind"][] =>
  isSeries(preprocessing) ? [] : [...new Set(preprocessing.inputs.map(({ kind }) => kind))];

/** Names of the pieces that a preprocessing needs to encode rows and to decode what the model says. */
export function columnPieces(preprocessing: AnyPreprocessing): string[] {
  if (isSeries(preprocessing)) return ["series"];
  const { inputs, target } = preprocessing;
  const kinds = kindsOf(preprocessing);
  // Dates among the levels of a category may be written in other ways.
  const hasDates = inputs.some(
    (input) => input.kind === "category" && input.levels.some((l) => parseDate(l) !== undefined),
  );
  return [...(kinds.includes("category") ? [hasDates ? "times" : "noTimes"] : []), ...kinds, "encode", target.kind];
}
