// A file of the user's as `gmnm fit` reads it, in the browser. All that this needs is loaded with the first file.

import { checkAnyPreprocessing } from "../../../src/table/check-series.ts";
import { inferKind } from "../../../src/table/infer.ts";
import { isSeries } from "../../../src/table/json-rows.ts";
import { targetNames } from "../../../src/table/preprocessing.ts";
import { TableReader } from "../../../src/table/read-csv.ts";
import type { Table } from "../../../src/table/table.ts";
import { GmnmError, type Preprocessing } from "../gmnm.ts";
import { type Choice, MAX_BYTES, MAX_CLASSES, TableError, type TableSummary } from "./table.ts";

/** Bytes read at a time. */
const PIECE = 2 ** 16;
const [MIN_ROWS, MAX_COLUMNS] = [10, 200];
/** Features that are chosen at first. */
const MAX_FEATURES = 30;

/**
 * The table in a CSV file's bytes; delimiter, decimal sign and header are found.
 * @throws TableError or GmnmError, one sentence that names the file and, where there is one, the line.
 */
export function readCsv(name: string, bytes: Uint8Array): Table {
  if (bytes.length > MAX_BYTES) {
    const megabytes = (bytes.length / 1e6).toFixed(1);
    throw new TableError(`${name} has ${megabytes} MB; the playground reads up to ${MAX_BYTES / 1e6} MB`);
  }
  const reader = new TableReader(name);
  for (let at = 0; at < bytes.length; at += PIECE) reader.push(bytes.subarray(at, at + PIECE));
  const table = reader.end();
  if (table.columns.length > MAX_COLUMNS)
    throw new TableError(`${name} has ${table.columns.length} columns; the playground takes ${MAX_COLUMNS}`);
  if (table.rows < MIN_ROWS) throw new TableError(`${name} has ${table.rows} rows; at least ${MIN_ROWS} are needed`);
  return table;
}

/**
 * What can be learnt from a table and, at first, what from what: the last column is what most files are about.
 * @throws TableError for a table that there is nothing to learn from.
 */
export function summarize(table: Table): { summary: TableSummary; choice: Choice } {
  const { source: name, rows } = table;
  const kinds = table.columns.map((column) => ({
    name: column.name,
    asked: inferKind(table, column, { asked: true }),
    unasked: inferKind(table, column),
  }));
  const usable = kinds.filter(({ asked }) => asked.kind !== "ignored");
  // What names or counts the rows says little of others.
  const telling = usable.filter(({ unasked }) => unasked.kind !== "ignored");
  const target = telling.findLast(({ asked }) => isTarget(asked));
  if (!target || usable.length < 2) {
    const what = `numbers, or 2 to ${MAX_CLASSES} words, to learn, and another column to learn it from`;
    throw new TableError(`${name} has nothing to learn: it takes a column of ${what}`);
  }
  const others = telling.length > 1 ? telling : usable;
  const features = others.filter((column) => column !== target).slice(0, MAX_FEATURES);
  const namesOf = (columns: typeof kinds) => columns.map((column) => column.name);
  return {
    summary: { name, rows, columns: namesOf(usable) },
    choice: { target: target.name, features: namesOf(features) },
  };
}

const isTarget = (found: ReturnType<typeof inferKind>): boolean =>
  found.kind === "number" || (found.kind === "category" && found.distinct >= 2 && found.distinct <= MAX_CLASSES);

/**
 * The `preprocessing.json` of a run.
 * @throws GmnmError or TableError, one sentence that names the file, where it is none, or one of what the page cannot show.
 */
export function readPreprocessing(name: string, bytes: Uint8Array): Preprocessing {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new GmnmError(`${name} is not JSON; it should be the preprocessing.json of a run`);
  }
  const preprocessing = checkAnyPreprocessing(json, name);
  if (isSeries(preprocessing)) throw new TableError(`${name} is of a forecast; the playground shows models of tables`);
  const targets = targetNames(preprocessing.target);
  if (targets.length > 1)
    throw new TableError(`${name} predicts ${targets.length} columns; the playground shows models of one`);
  return preprocessing;
}
