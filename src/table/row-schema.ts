// What a row may look like, in the terms that other programs understand: JSON Schema, draft 7.
import { type AnyPreprocessing, isSeries, knownColumns } from "./json-rows.ts";
import type { Input } from "./preprocessing.ts";

/** A JSON Schema, as plain JSON. */
export type JsonSchema = { readonly [keyword: string]: unknown };

/** Levels that a schema lists; what is beyond them is also valid. */
const MAX_EXAMPLES = 100;

/**
 * The JSON Schema of one row: every column that the model reads, with its type; the others of the training file, which may be there; no more. A
 * column that is missing, or null, is a missing value, which a series must not have.
 *
 * @example
 * ```ts
 * console.log(JSON.stringify(rowSchema(preprocessing), null, 2));
 * ```
 */
export function rowSchema(preprocessing: AnyPreprocessing): JsonSchema {
  const columns: [string, JsonSchema][] = isSeries(preprocessing)
    ? preprocessing.columns.map(({ name, transform }) => [
        name,
        { type: "number", ...(transform === "log" && { exclusiveMinimum: 0 }) },
      ])
    : preprocessing.inputs.map((input) => [input.name, columnSchema(input)]);
  const { read, unused } = knownColumns(preprocessing);
  const ignored = unused.map((name): [string, JsonSchema] => [name, { description: "may be there; not read" }]);
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    type: "object",
    properties: Object.fromEntries([...columns, ...ignored]),
    required: read,
    additionalProperties: false,
  };
}

function columnSchema(input: Input): JsonSchema {
  switch (input.kind) {
    case "number":
      return { type: ["number", "null"] };
    case "category":
      return {
        type: ["string", "number", "boolean", "null"],
        description: "text; what is not among the examples counts as none of them",
        examples: input.levels.slice(0, MAX_EXAMPLES),
      };
    case "date":
      return { type: ["string", "null"], description: "a date, such as 2024-02-29, 2024-02-29T12:30Z or 29 Feb 2024" };
  }
}
