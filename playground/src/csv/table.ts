// A table of the user's as the page knows it. The worker holds its cells, and the browser keeps both.
import type { Preprocessing } from "../gmnm.ts";

/** A file that was read. */
export type TableSummary = {
  name: string;
  rows: number;
  /** Names of the columns that can be learnt from. */
  columns: string[];
};

/** A model that `gmnm fit` has made, out of the files of its run. */
export type RunModel = { name: string; bytes: Uint8Array; preprocessing: Preprocessing };

/** What to learn from what; with a run, as its columns were made into features, and with its model first. */
export type Choice = { target: string; features: string[]; run?: RunModel };

/** Why a file cannot be used, in one sentence. */
export class TableError extends Error {}

/** What may be chosen as a file. */
export const TABLE_FILES = ".csv,.tsv,.txt,text/csv";
export const MAX_BYTES = 5_000_000;
/** More classes than these are no picture. */
export const MAX_CLASSES = 12;
