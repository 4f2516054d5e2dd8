// What the servers of these tests serve.
import { gmnm } from "../../src/nn/gmnm.ts";
import type { JsonRow } from "../../src/table/json-rows.ts";
import { mixedInputs, mixedRows, numbers, randomRows, started, tableOf } from "../export/samples.ts";

export const model = started(gmnm(10, 2));
export const preprocessing = tableOf(mixedInputs, numbers("y", "z"), [{ name: "id", reason: "an identifier" }]);

/** A row that is served. */
export const row = { area: 1, city: "Bonn", day: null };

/** Many, all different. */
export const manyRows = (rows: number): JsonRow[] =>
  randomRows(["area"], rows).map(({ area }, i) => ({ ...mixedRows[i % mixedRows.length], area }));
