import { expectFinite } from "../io/model-file.ts";
import type { Model } from "../model.ts";
import { mapTensors, namedTensors, type ParamTensors } from "../params.ts";
import { type AnyPreprocessing, isSeries, knownColumns } from "../table/json-rows.ts";
import type { Input } from "../table/preprocessing.ts";
import { rowSchema } from "../table/row-schema.ts";
import type { Tensor } from "../tensor.ts";
import { knowsNovelty } from "../train/novelty.ts";
import { version } from "../version.ts";
import { columnPieces, kindsOf } from "./column-pieces.ts";
import { jsColumns } from "./js-columns.ts";
import { jsLayers } from "./js-layers.ts";
import { jsLiteral, quoteJs, Source } from "./literal.ts";
import { collectPieces, expectPieces, typesOf } from "./pieces.ts";

/**
 * A model as one JavaScript module without dependencies, for browsers and Node 18 and later: `predict(row)` or `predict(rows)` take objects keyed
 * by column name and say numbers by target, or `{ label, probabilities }`; `novelty` is there for mixtures; `schema` is the JSON Schema of a row.
 * Of a series, `predict(rows)` takes its past and says the rows to come. The parameters are in it, to the last bit; it computes in float64.
 *
 * @example
 * ```ts
 * await writeAtomic("model.js", toJs(model, preprocessing));
 * ```
 * @throws GmnmError for a layer that has no form in such a module, and for parameters that are not finite.
 */
export function toJs(model: Model, preprocessing: AnyPreprocessing): string {
  const { config } = model.layer;
  const tensors = namedTensors(model.params);
  expectPieces("js", config, jsLayers);
  expectFinite(tensors);
  const novelty = !isSeries(preprocessing) && knowsNovelty(model);
  const types = [...typesOf(config)];
  const kinds = kindsOf(preprocessing);
  const columns = [
    ...columnPieces(preprocessing),
    ...(isSeries(preprocessing) ? [] : ["predictRows"]),
    ...(novelty ? ["noveltyOfRows"] : []),
  ];
  return `// A model made by gmnm ${version}. It needs nothing beside itself, in a browser or in Node 18 and later:
//   import { predict } from "./model.js";

/**
 * ${isSeries(preprocessing) ? "A row of the series." : "A row; null says that a value is not known."}
 * @typedef {${rowType(preprocessing)}} Row
 */
/**
 * ${isSeries(preprocessing) ? "A row to come." : "What the model says of a row."}
 * @typedef {${predictionType(preprocessing)}} Prediction
 */

/** What a row may look like, as JSON Schema. */
export const schema = ${jsLiteral(rowSchema(preprocessing))};

/** From columns to features, and from the model's outputs to the targets' units. */
const preprocessing = ${jsLiteral(preprocessing)};

/** The layers. */
const config = ${jsLiteral(config)};

/** The parameters: float32, little-endian, in base64. */
const numbers = Uint8Array.from(
  atob("${base64(tensors)}"),
  (character) => character.charCodeAt(0),
);

/** Numbers from a place on, with their shape. */
function tensor(start, ...shape) {
  const view = new DataView(numbers.buffer);
  const length = shape.reduce((product, side) => product * side, 1);
  return { data: Float32Array.from({ length }, (_, i) => view.getFloat32(4 * (start + i), true)), shape };
}

const params = ${paramsLiteral(model.params)};

${collectPieces(types, jsLayers).join("\n\n")}

/** Layers by their type. */
const layers = { ${types.join(", ")} };
function build(layer, params) {
  return layers[layer.type](layer, params);
}
const model = build(config, params);

${collectPieces(columns, jsColumns).join("\n\n")}${
  kinds.length > 0 ? `\n\nconst encoders = { ${kinds.join(", ")} };` : ""
}
`;
}

function base64(tensors: readonly (readonly [string, Tensor])[]): string {
  const bytes = new Uint8Array(4 * tensors.reduce((sum, [, { data }]) => sum + data.length, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const [, { data }] of tensors) for (const value of data) view.setFloat32(4 * at++, value, true);
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

/** The tree of parameters, each by its place among all numbers. */
function paramsLiteral(params: ParamTensors): string {
  let start = 0;
  const places = mapTensors(params, ({ data, shape }) => {
    const source = `tensor(${[start, ...shape].join(", ")})`;
    start += data.length;
    return new Source(source);
  });
  return jsLiteral(places);
}

const TYPES: Record<Input["kind"], string> = {
  number: "number | string | null",
  category: "string | number | boolean | null",
  date: "string | Date | null",
};

function rowType(preprocessing: AnyPreprocessing): string {
  const columns = isSeries(preprocessing)
    ? preprocessing.columns.map(({ name }) => `${quoteJs(name)}: number | string`)
    : preprocessing.inputs.map(({ name, kind }) => `${quoteJs(name)}: ${TYPES[kind]}`);
  const unused = knownColumns(preprocessing).unused.map((name) => `${quoteJs(name)}?: unknown`);
  return objectType([...columns, ...unused]);
}

function predictionType(preprocessing: AnyPreprocessing): string {
  if (isSeries(preprocessing)) {
    return objectType(preprocessing.targets.map((place) => `${quoteJs(preprocessing.columns[place].name)}: number`));
  }
  const { target } = preprocessing;
  if (target.kind === "numbers") return objectType(target.columns.map(({ name }) => `${quoteJs(name)}: number`));
  const classes = objectType(target.classes.map((name) => `${quoteJs(name)}: number`));
  return `{ label: ${target.classes.map(quoteJs).join(" | ")}, probabilities: ${classes} }`;
}

const objectType = (entries: readonly string[]): string => `{ ${entries.join(", ")} }`;
