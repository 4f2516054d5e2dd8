// What may be posted to /predict, as JSON Schema, and what does not fit, as one sentence.
import type { FastifySchemaValidationError } from "fastify/types/schema.js";
import { type AnyPreprocessing, isSeries, knownColumns } from "../table/json-rows.ts";
import { type JsonSchema, rowSchema } from "../table/row-schema.ts";
import { nearest } from "../table/suggest.ts";

/** The JSON Schema of a request's body. */
export function requestSchema(preprocessing: AnyPreprocessing, maxRows: number, knowsNovelty: boolean): JsonSchema {
  const { $schema, ...items } = rowSchema(preprocessing);
  const minItems = isSeries(preprocessing) ? preprocessing.lookback : 1;
  return {
    $schema,
    type: "object",
    properties: {
      rows: { type: "array", minItems, maxItems: maxRows, items },
      ...(knowsNovelty && { novelty: { type: "boolean", description: "asks for the distance of each row as well" } }),
    },
    required: ["rows"],
    additionalProperties: false,
  };
}

/** The first fault that the validation found, as a sentence that names row and column. */
export function faultOf([fault]: readonly FastifySchemaValidationError[], preprocessing: AnyPreprocessing): string {
  const [, field, row, column] = fault.instancePath.split("/").map(unescapePointer);
  const { keyword, params } = fault as { keyword: string; params: Record<string, unknown> };
  const where = [row && `row ${row}`, column !== undefined && `column ${JSON.stringify(column)}`].filter(Boolean);
  if (field === undefined || field === "novelty" || where.length === 0) return faultOfBody(keyword, params, field);
  if (keyword === "additionalProperties") {
    return `${where[0]}: ${unknownColumn(String(params.additionalProperty), preprocessing)}`;
  }
  if (keyword === "required") return `${where[0]}: the column ${JSON.stringify(params.missingProperty)} is missing`;
  if (keyword === "minProperties") return `${where[0]} is empty`;
  if (keyword === "exclusiveMinimum") return `${where.join(", ")}: expected a number above ${params.limit}`;
  return `${where.join(", ")}: expected ${kinds(params.type)}`;
}

function faultOfBody(keyword: string, params: Record<string, unknown>, field: string | undefined): string {
  const limit = Number(params.limit);
  switch (keyword) {
    case "minItems":
      return limit === 1 ? "rows is empty" : `a forecast needs at least ${limit} rows`;
    case "maxItems":
      return `at most ${limit} rows can be asked for at once`;
    case "additionalProperties":
      return `there is no field ${JSON.stringify(params.additionalProperty)}; a request has rows`;
    case "required":
      return 'a request must be an object with rows, such as {"rows": [{"age": 31}]}';
    default:
      return field ? `${field} must be ${kinds(params.type)}` : "a request must be a JSON object with rows";
  }
}

function unknownColumn(name: string, preprocessing: AnyPreprocessing): string {
  const { read } = knownColumns(preprocessing);
  const shown = JSON.stringify(name.length > 60 ? `${name.slice(0, 57)}…` : name);
  const [meant] = nearest(name, read);
  const few = read.slice(0, 10).map((one) => JSON.stringify(one));
  if (meant !== undefined) return `there is no column ${shown}; did you mean ${JSON.stringify(meant)}?`;
  return `there is no column ${shown}; there are ${few.join(", ")}${read.length > few.length ? ", …" : ""}`;
}

const NAMES: Record<string, string> = {
  number: "a number",
  string: "text",
  boolean: "true or false",
  null: "null",
  array: "a list",
  object: "an object",
};

/** "a number or null" of the types that a schema allows. */
function kinds(types: unknown): string {
  const names = [types].flat().map((type) => NAMES[String(type)] ?? String(type));
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;
}

const unescapePointer = (part: string): string => part.replaceAll("~1", "/").replaceAll("~0", "~");
