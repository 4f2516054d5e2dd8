// What stands around the layers in an exported JavaScript module: from rows to what the model sees, and from what it says to predictions.
import type { Pieces } from "./pieces.ts";

const wrong = `
/** Rows are counted from 1, as in files. */
function wrong(row, column, expected, value) {
  const shown = typeof value === "string" ? JSON.stringify(value) : String(value);
  return new TypeError(\`row \${row + 1}, column \${JSON.stringify(column)}: expected \${expected}, got \${shown}\`);
}`;

const value = `
/** A row's own values by the columns that are read. */
function cellsOf(row, i, columns) {
  if (typeof row !== "object" || row === null) throw new TypeError(\`row \${i + 1}: expected an object, got \${String(row)}\`);
  const unknown = Object.keys(row).find((name) => !Object.hasOwn(schema.properties, name));
  if (unknown !== undefined) throw new TypeError(\`row \${i + 1}: there is no column \${JSON.stringify(unknown)}\`);
  return columns.map(({ name }) => {
    // A column may be called like something that every object has.
    if (Object.hasOwn(row, name)) return contentOf(row[name]);
    throw new TypeError(\`row \${i + 1}, column \${JSON.stringify(name)}: it is not there; null says that a value is not known\`);
  });
}

/** What a cell holds: text without the spaces around it; undefined for a missing value, however it is written. */
function contentOf(value) {
  if (value === null || Number.isNaN(value)) return undefined;
  if (typeof value !== "string") return value;
  return ["", "na", "n/a", "nan", "null", "?", "-"].includes(value.trim().toLowerCase()) ? undefined : value.trim();
}

/** Text as a decimal number; undefined where it is none. */
function parseNumber(text) {
  const value = /^[+-]?(?:\\d+\\.?\\d*|\\.\\d+)(?:e[+-]?\\d+)?$/i.test(text) ? Number(text) : NaN;
  return Number.isFinite(value) ? value : undefined;
}

function numberOf(content, row, name) {
  const number = typeof content === "string" ? parseNumber(content) : content;
  if (typeof number === "number" && Number.isFinite(number)) return number;
  throw wrong(row, name, "a number", content);
}`;

const number = `
function number({ name, transform, center, scale, fill, flag }, content, row) {
  const v = content === undefined ? fill : numberOf(content, row, name);
  const transformed = transform === "signedLog" ? Math.sign(v) * Math.log1p(Math.abs(v)) : v;
  const feature = (transformed - center) / scale;
  return flag ? [feature, Number(content === undefined)] : [feature];
}`;

const dates = `
const dateForms = [
  String.raw\`(?<year>\\d{4})-(?<month>\\d\\d?)(?:-(?<day>\\d\\d?))?\`,
  String.raw\`(?<year>\\d{4})/(?<month>\\d\\d?)/(?<day>\\d\\d?)\`,
  String.raw\`(?<day>\\d\\d?)\\.(?<month>\\d\\d?)\\.(?<year>\\d{4})\`,
  String.raw\`(?<day>\\d\\d?)[ -](?<name>[A-Za-z]{3,9})\\.?,?[ -](?<year>\\d{4})\`,
  String.raw\`(?<name>[A-Za-z]{3,9})\\.? (?<day>\\d\\d?),? (?<year>\\d{4})\`,
  String.raw\`(?<name>[A-Za-z]{3,9})\\.?[ -](?<year>\\d{4})\`,
].map((form) => {
  const zone = String.raw\`(?<zone>Z|[+-]\\d\\d:?\\d\\d)?\`;
  const time = String.raw\`(?:[T ,]\\s*(?<hour>\\d{1,2}):(?<minute>\\d\\d)(?::(?<second>\\d\\d(?:[.,]\\d{1,9})?))?\\s*\${zone})?\`;
  return new RegExp(\`^\${form}\${time}$\`, "i");
});
const months = "january february march april may june july august september october november december".split(" ");

/** Days since 2000-01-01T00:00Z of a Date or of text; what has no zone is taken as UTC. */
function daysOf(content) {
  const start = Date.UTC(2000, 0, 1);
  if (content instanceof Date) return (content - start) / 86400000;
  if (typeof content !== "string" || content.length < 7 || content.length > 40) return NaN;
  const parts = dateForms.map((form) => form.exec(content)).find(Boolean)?.groups;
  if (!parts) return NaN;
  const { year, month, name, day = 1, hour = 0, minute = 0, second = "0", zone } = parts;
  const word = name?.toLowerCase();
  const named = months.findIndex((m) => m === word || m.slice(0, 3) === word || (word === "sept" && m === "september"));
  const m = name ? named : Number(month) - 1;
  const s = Number(second.replace(",", "."));
  const midnight = new Date(start);
  midnight.setUTCFullYear(year, m, day);
  if (m < 0 || m > 11 || hour > 23 || minute > 59 || s >= 60 || midnight.getUTCDate() !== Number(day)) return NaN;
  const offset = /\\d/.test(zone) ? Number(\`\${zone[0]}1\`) * (60 * zone.slice(1, 3) + Number(zone.slice(-2))) : 0;
  return (midnight - start) / 86400000 + (60 * (60 * hour + Number(minute) - offset) + s) / 86400;
}`;

const category = `
function category({ name, levels }, content, row) {
  if (typeof content === "object" || typeof content === "function") throw wrong(row, name, "text", content);
  const level = content === undefined ? -1 : placeOf(content, levels);
  return levels.map((_, i) => Number(i === level));
}

/** The place of a level: the same text, or the same truth, number or date, written differently. */
function placeOf(content, levels) {
  const text = String(content);
  if (levels.includes(text)) return levels.indexOf(text);
  if (typeof content === "boolean") return levels.findIndex((level) => level.toLowerCase() === text);
  const number = parseNumber(text);
  if (number !== undefined) return levels.indexOf(String(number));
  const time = timeOf(text);
  return time === undefined ? -1 : levels.findIndex((level) => timeOf(level) === time);
}`;

// Where no level is a date there are none to compare with.
const noTimes = "const timeOf = () => undefined;";
const times = `
/** A date to the millisecond; undefined where it is none. */
function timeOf(text) {
  const days = daysOf(text);
  return Number.isNaN(days) ? undefined : Math.round(days * 86400000);
}`;

const date = `
function date({ name, center, scale, cycles, fill }, content, row) {
  const days = content === undefined ? fill : daysOf(content);
  if (Number.isNaN(days)) throw wrong(row, name, "a date such as 2024-02-29", content);
  const angles = cycles.map((length) => (2 * Math.PI * days) / length);
  return [(days - center) / scale, ...angles.flatMap((a) => [Math.sin(a), Math.cos(a)])];
}`;

const encode = `
/** The features of a row, rounded to float32 as they were in training. */
function encode(row, i) {
  const cells = cellsOf(row, i, preprocessing.inputs);
  return preprocessing.inputs.flatMap((input, j) => {
    const features = encoders[input.kind](input, cells[j], i).map(Math.fround);
    if (!features.every(Number.isFinite)) throw wrong(i, input.name, "a smaller number", cells[j]);
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

const series = `
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
    const cells = cellsOf(row, first + t, columns);
    return columns.map(({ name, transform, center, scale }, c) => {
      const value = numberOf(cells[c], first + t, name);
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
  dates: { source: dates },
  times: { source: times, needs: ["dates"] },
  noTimes: { source: noTimes },
  category: { source: category, needs: ["value"] },
  date: { source: date, needs: ["value", "dates"] },
  encode: { source: encode, needs: ["value"] },
  numbers: { source: numbers },
  classes: { source: classes },
  predictRows: { source: predictRows },
  noveltyOfRows: { source: noveltyOfRows },
  series: { source: series, needs: ["value"] },
};
