// What may be posted to /predict, as JSON Schema, and what does not fit, as one sentence.
import type { FastifySchemaValidationError } from "fastify/types/schema.js";
import { quote } from "../errors.ts";
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

/** The first fault that the validation found, as a sentence that names row, counted from 1, and column. Needs the validator's `verbose`. */
export function faultOf([fault]: readonly FastifySchemaValidationError[], preprocessing: AnyPreprocessing): string {
  const [, field, row, column] = fault.instancePath.split("/").map(unescapePointer);
  const { keyword, params, data } = fault as { keyword: string; params: Record<string, unknown>; data?: unknown };
  const where = [row && `row ${Number(row) + 1}`, column !== undefined && `column ${quote(column)}`].filter(Boolean);
  if (field === undefined || field === "novelty" || where.length === 0) return faultOfBody(keyword, params, field);
  if (keyword === "required" || keyword === "additionalProperties") {
    // A name that is misspelt is missing, too; that it is misspelt says more.
    const { read, unused } = knownColumns(preprocessing);
    const stranger = Object.keys(Object(data)).find((name) => !read.includes(name) && !unused.includes(name));
    if (stranger !== undefined) return `${where[0]}: ${unknownColumn(stranger, Object(data), read)}`;
    const hint = isSeries(preprocessing) ? "" : "; null says that a value is not known";
    return `${where[0]}, column ${quote(String(params.missingProperty))}: it is not there${hint}`;
  }
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

function unknownColumn(name: string, row: object, read: readonly string[]): string {
  const [meant] = nearest(
    name,
    read.filter((one) => !Object.hasOwn(row, one)),
  );
  if (meant !== undefined) return `there is no column ${quote(name)}; did you mean ${quote(meant)}?`;
  const few = read.slice(0, 10).map(quote);
  return `there is no column ${quote(name)}; there are ${few.join(", ")}${read.length > few.length ? ", …" : ""}`;
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
