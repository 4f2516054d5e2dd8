// What stands between a table as people have it and the numbers a model sees: plain JSON, so that every program that runs the model, in
// whatever language, can do the same. Our choice throughout.

/** How one column of a table becomes one or several features, in this order. */
export type Input =
  | {
      kind: "number";
      name: string;
      /** "signedLog" is sign(v) · log(1 + |v|), for columns that span orders of magnitude. Applied before center and scale. */
      transform: "identity" | "signedLog";
      /** The feature is (transform(v) − center) / scale. */
      center: number;
      scale: number;
      /** Stands in for a missing value, in the column's own unit. */
      fill: number;
      /** Adds a second feature that is 1 where the value is missing, else 0. */
      flag: boolean;
    }
  | {
      kind: "category";
      name: string;
      /** One feature each, 1 where the value is this level, else 0; a missing or unknown value is 0 in all. */
      levels: string[];
    }
  | {
      kind: "date";
      name: string;
      /** The first feature is (days since 2000-01-01T00:00Z, with fractions − center) / scale; the others sin and cos of each cycle. */
      center: number;
      scale: number;
      /** Lengths in days: 365.2425 for the seasons, 7 for the week, 1 for the time of day. Each gives sin and cos of 2π · days / length. */
      cycles: number[];
      /** Stands in for a missing date, in days. */
      fill: number;
    };

/** What is predicted. */
export type Target =
  | {
      kind: "numbers";
      /** The model's output j times scale plus center, then the inverse of transform, is column j. */
      columns: { name: string; transform: "identity" | "signedLog"; center: number; scale: number }[];
    }
  | {
      kind: "classes";
      name: string;
      /** The model's output are logits, one for each class in this order; softmax makes probabilities of them. */
      classes: string[];
    };

/** Names of the columns that are predicted. */
export const targetNames = (target: Target): string[] =>
  target.kind === "numbers" ? target.columns.map(({ name }) => name) : [target.name];

/** The contents of `preprocessing.json` for tables: columns in, features to the model; outputs of the model, columns out. */
export type Preprocessing = {
  format: "gmnm preprocessing";
  version: 1;
  inputs: Input[];
  target: Target;
  /** Columns of the training file that are not used, and why. */
  ignored: { name: string; reason: string }[];
};

/** The contents of `preprocessing.json` for series: the model sees (rows, lookback, columns) and says (rows, horizon, targets). */
export type SeriesPreprocessing = {
  format: "gmnm series preprocessing";
  version: 1;
  /** The column of dates, if there is one; without it rows are taken to be equally spaced. */
  time?: string;
  lookback: number;
  horizon: number;
  /** Steps after which the series resembles itself, such as 12 for months; undefined where none was found. */
  season?: number;
  /** Standardised: (transform(v) − center) / scale. "log" for series that are positive and whose swings grow with their level. */
  columns: { name: string; transform: "identity" | "log"; center: number; scale: number }[];
  /** Which of the columns are forecast, by their place in `columns`. */
  targets: number[];
};
