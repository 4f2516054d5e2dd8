// What runs found, in the words that the command line and the reports share.
import { formatNumber } from "../plot/numbers.ts";
import { showDate } from "../table/dates.ts";
import type { ComponentReport, Inspection } from "./inspection.ts";
import type { Scores, Summary } from "./summary.ts";

/** `1 row`, `2,000 rows`. */
export const count = (n: number, noun: string): string => `${n.toLocaleString("en")} ${noun}${n === 1 ? "" : "s"}`;

/** A share with two digits. */
export const percent = (share: number): string => `${formatNumber(Number((100 * share).toPrecision(2)))} %`;

/** A file without its folders. */
export const shortName = (file: string): string => file.replace(/^.*[\\/]/, "");

const MEASURES: Record<string, string> = {
  rmse: "RMSE",
  mae: "MAE",
  r2: "R²",
  accuracy: "accuracy",
  logLoss: "log loss",
  mase: "MASE",
};
/** The name of a measure as people read it. */
export const measureName = (key: string): string => MEASURES[key] ?? key;

/** A score as people read it: shares with four digits behind the point, the rest with four digits. */
export const showScore = (key: string, value: number): string =>
  /^(.*: )?(r2|accuracy)$/.test(key) ? formatNumber(Number(value.toFixed(4)) + 0) : formatNumber(value);

/** The scores of a run as a table: a line for each model, the baseline last, and a second one for the rows of a test. */
export function scoreTable({ chosen, rivals, baseline }: Summary): { columns: string[]; rows: string[][] } {
  const keys = Object.keys(chosen.validation);
  const line = (name: string, parameters: string, rows: string, scores: Scores) => [
    name,
    parameters,
    rows,
    ...keys.map((key) => (scores[key] === undefined ? "–" : showScore(key, scores[key]))),
  ];
  const all = [
    ...[chosen, ...rivals].map((one) => ({ ...one, name: one.model, size: one.parameters.toLocaleString("en") })),
    { ...baseline, size: "–" },
  ];
  return {
    columns: ["model", "parameters", "rows", ...keys.map((key) => key.replace(/[^ ]+$/, measureName))],
    rows: all.flatMap(({ name, size, validation, test }) => [
      line(name, size, "held out", validation),
      ...(test ? [line(name, size, "test", test)] : []),
    ]),
  };
}

const showValue = (value: number, isDate: boolean | undefined): string =>
  isDate ? showDate(Math.round(value)) : formatNumber(value);

/** From where to where a column was looked at; of categories, their levels. */
export function extentOf({ at, isDate }: Inspection["influences"][number]): string {
  if (at.length === 0) return "";
  if (typeof at[0] === "string") return at.join(", ");
  return [at[0], at[at.length - 1]].map((end) => showValue(Number(end), isDate)).join(" … ");
}

/** Where a Gaussian is: the columns along which it is narrowest, its centre and one width to either side. */
export function whereIs({ places, dead }: ComponentReport, most = 3): string {
  if (dead) return "nowhere: dead";
  if (places.length === 0) return "everywhere";
  return places
    .slice(0, most)
    .map(({ input, level, isDate, ...numbers }) => {
      if (level !== undefined) return `${input} ${numbers.center > 0.5 ? "" : "not "}${level}`;
      const [center, low, high] = [numbers.center, numbers.low, numbers.high].map((value) => showValue(value, isDate));
      return `${input} ${center} (${low} to ${high})`;
    })
    .join(", ");
}
