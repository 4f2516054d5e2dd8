// What stands around the layers in an exported JavaScript module: from rows to what the model sees, and from what it says to predictions.
import { type AnyPreprocessing, ISO_DATE, isSeries } from "../table/json-rows.ts";
import type { Pieces } from "./pieces.ts";

const wrong = `
function wrong(row, column, expected, value) {
  return new TypeError(\`row \${row}, column \${JSON.stringify(column)}: expected \${expected}, got \${String(value)}\`);
}`;

const value = `
const isMissing = (value) => value === undefined || value === null || value === "" || Number.isNaN(value);

/** A row's own value: a column may be called like something that every object has. */
const cellOf = (row, name) => (Object.hasOwn(row, name) ? row[name] : undefined);

function numberOf(value, row, name) {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  if (typeof number === "number" && Number.isFinite(number)) return number;
  throw wrong(row, name, "a number", value);
}

function expectColumns(row, i) {
  if (typeof row !== "object" || row === null) throw new TypeError(\`row \${i}: expected an object, got \${String(row)}\`);
  const unknown = Object.keys(row).find((name) => !Object.hasOwn(schema.properties, name));
  if (unknown !== undefined) throw new TypeError(\`row \${i}: there is no column \${JSON.stringify(unknown)}\`);
}`;

const number = `
function number({ name, transform, center, scale, fill, flag }, value, row) {
  const v = isMissing(value) ? fill : numberOf(value, row, name);
  const transformed = transform === "signedLog" ? Math.sign(v) * Math.log1p(Math.abs(v)) : v;
  const feature = (transformed - center) / scale;
  return flag ? [feature, Number(isMissing(value))] : [feature];
}`;

const category = `
function category({ name, levels }, value, row) {
  if (!isMissing(value) && typeof value === "object") throw wrong(row, name, "text", value);
  return levels.map((level) => Number(!isMissing(value) && level === String(value)));
}`;

const date = `
const isoDate = /${ISO_DATE}/;

/** Days since 2000-01-01T00:00Z; what has no zone is taken as UTC. */
function daysOf(value) {
  const start = Date.UTC(2000, 0, 1);
  if (value instanceof Date) return (value - start) / 86400000;
  const parts = typeof value === "string" ? isoDate.exec(value.trim()) : null;
  if (!parts) return NaN;
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map((p, i) => Number(p ?? (i === 2 ? 1 : 0)));
  const midnight = new Date(0);
  midnight.setUTCFullYear(year, month - 1, day);
  const exists = midnight.getUTCMonth() === month - 1 && midnight.getUTCDate() === day;
  if (!exists || hour > 24 || minute > 59 || second >= 60) return NaN;
  const [, sign, hours, minutes] = /([+-])(\\d\\d):?(\\d\\d)/.exec(parts[7] ?? "") ?? ["", "+", 0, 0];
  const offset = Number(sign + 1) * (60 * Number(hours) + Number(minutes));
  return (midnight - start) / 86400000 + (hour + (minute - offset + second / 60) / 60) / 24;
}

function date({ name, center, scale, cycles, fill }, value, row) {
  const days = isMissing(value) ? fill : daysOf(value);
  if (Number.isNaN(days)) throw wrong(row, name, "a date such as 2024-02-29", value);
  const angles = cycles.map((length) => (2 * Math.PI * days) / length);
  return [(days - center) / scale, ...angles.flatMap((a) => [Math.sin(a), Math.cos(a)])];
}`;

const encode = `
/** The features of a row, rounded to float32 as they were in training. */
function encode(row, i) {
  expectColumns(row, i);
  return preprocessing.inputs.flatMap((input) => {
    const features = encoders[input.kind](input, cellOf(row, input.name), i).map(Math.fround);
    if (!features.every(Number.isFinite)) throw wrong(i, input.name, "a smaller number", cellOf(row, input.name));
    return features;
  });
}`;

const numbers = `
/** The model's outputs in the targets' units. */
const decode = (y) =>
  Object.fromEntries(
    preprocessing.target.columns.map(({ name, transform, center, scale }, j) => {
      const v = y[j] * scale + center;
      return [name, transform === "signedLog" ? Math.sign(v) * Math.expm1(Math.abs(v)) : v];
    }),
  );`;

const classes = `
/** The likeliest class, and the probability of each. */
function decode(logits) {
  const { classes } = preprocessing.target;
  const top = Math.max(...logits);
  const exponentials = logits.map((logit) => Math.exp(logit - top));
  const total = exponentials.reduce((sum, e) => sum + e, 0);
  const probabilities = Object.fromEntries(classes.map((name, k) => [name, exponentials[k] / total]));
  return { label: classes[logits.indexOf(top)], probabilities };
}`;

const predictRows = `
/**
 * What the model says of a row, or of each of several.
 *
 * @overload
 * @param {Row} rows
 * @returns {Prediction}
 */
/**
 * @overload
 * @param {Row[]} rows
 * @returns {Prediction[]}
 */
export function predict(rows) {
  const one = (row, i) => decode(model(encode(row, i)));
  return Array.isArray(rows) ? rows.map(one) : one(rows, 0);
}`;

const noveltyOfRows = `
/**
 * How far a row, or each of several, lies from the nearest Gaussian, in that Gaussian's own widths: about 1 or less where the model knows its
 * way; at 4 the Gaussians have faded.
 *
 * @overload
 * @param {Row} rows
 * @returns {number}
 */
/**
 * @overload
 * @param {Row[]} rows
 * @returns {number[]}
 */
export function novelty(rows) {
  const one = (row, i) => Math.sqrt(nearestOf(config, params, encode(row, i)));
  return Array.isArray(rows) ? rows.map(one) : one(rows, 0);
}

/** The least squared distance to a Gaussian that sees the features themselves. */
function nearestOf(layer, params, x) {
  if (layer.type === "gmnm" || layer.type === "rbf") return Math.min(...squaredDistances(layer, params, x));
  if (layer.type === "sequential") return nearestOf(layer.layers[0], params[0], x);
  if (layer.type === "ensemble") return Math.min(...layer.layers.map((member, i) => nearestOf(member, params[i], x)));
  return Infinity;
}`;

const forecast = `
/**
 * The rows to come, the next one first, from the rows up to now, the newest last: at least \`lookback\` of them.
 *
 * @param {Row[]} rows
 * @returns {Prediction[]}
 */
export function predict(rows) {
  const { lookback, columns, targets } = preprocessing;
  if (!(rows.length >= lookback)) throw new TypeError(\`a forecast needs the last \${lookback} rows, got \${rows.length}\`);
  const first = rows.length - lookback;
  const past = rows.slice(first).map((row, t) => {
    expectColumns(row, first + t);
    return columns.map(({ name, transform, center, scale }) => {
      const value = numberOf(cellOf(row, name), first + t, name);
      if (transform === "log" && !(value > 0)) throw wrong(first + t, name, "a number above 0", value);
      const feature = Math.fround(((transform === "log" ? Math.log(value) : value) - center) / scale);
      if (!Number.isFinite(feature)) throw wrong(first + t, name, "a smaller number", value);
      return feature;
    });
  });
  return model(past).map((y) =>
    Object.fromEntries(
      targets.map((place, j) => {
        const { name, transform, center, scale } = columns[place];
        const value = y[j] * scale + center;
        return [name, transform === "log" ? Math.exp(value) : value];
      }),
    ),
  );
}`;

/** The pieces around the layers. */
export const jsColumns: Pieces = {
  wrong: { source: wrong },
  value: { source: value, needs: ["wrong"] },
  number: { source: number, needs: ["value"] },
  category: { source: category, needs: ["value"] },
  date: { source: date, needs: ["value"] },
  encode: { source: encode, needs: ["value"] },
  numbers: { source: numbers },
  classes: { source: classes },
  predictRows: { source: predictRows },
  noveltyOfRows: { source: noveltyOfRows },
  forecast: { source: forecast, needs: ["value"] },
};

/** Names of the pieces that a preprocessing needs. */
export function jsColumnsFor(preprocessing: AnyPreprocessing, novelty: boolean): string[] {
  if (isSeries(preprocessing)) return ["forecast"];
  const kinds = new Set(preprocessing.inputs.map(({ kind }) => kind));
  return [...kinds, "encode", preprocessing.target.kind, "predictRows", ...(novelty ? ["noveltyOfRows"] : [])];
}
