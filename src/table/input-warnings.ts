import { valuesOf } from "./fit.ts";
import { levelsOf, strayValues } from "./infer.ts";
import type { Input, Preprocessing } from "./preprocessing.ts";
import { signedLog } from "./statistics.ts";
import { allRows, count, kindOfCell, type Table, type TableColumn } from "./table.ts";
import { findColumn } from "./target.ts";

/** Standard deviations from the mean of the training, beyond which a model knows nothing; our choice. */
const FAR = 6;

/**
 * What in a file is unlike the training, one sentence for each column and each way: levels that training did not keep, values far outside its
 * range, words among numbers, values missing that were never missing. For people to read beside the predictions.
 *
 * @param rows - which rows. Default all.
 */
export function inputWarnings(table: Table, { inputs }: Preprocessing, rows?: Uint32Array): string[] {
  const used = allRows(table, rows);
  return inputs.flatMap((input) => {
    const column = findColumn(table, input.name);
    const place = `${table.source}, column ${JSON.stringify(input.name)}`;
    const found =
      input.kind === "category" ? unknownLevels(column, input.levels, used) : farValues(column, input, used);
    const stray = input.kind === "category" ? undefined : strayValues(table, column, input.kind);
    return [...found.map((sentence) => `${place}: ${sentence}`), ...(stray ? [`${stray}; taken as missing`] : [])];
  });
}

function unknownLevels(column: TableColumn, levels: readonly string[], rows: Uint32Array): string[] {
  const known = new Set(levels);
  const unknown = levelsOf(column, rows).filter(({ level }) => !known.has(level));
  if (unknown.length === 0) return [];
  const total = unknown.reduce((sum, level) => sum + level.rows, 0);
  const examples = unknown.slice(0, 3).map(({ level }) => JSON.stringify(level));
  return [`${count(total, "value")} that training did not tell apart, such as ${examples.join(", ")}`];
}

function farValues(column: TableColumn, input: Exclude<Input, { kind: "category" }>, rows: Uint32Array): string[] {
  const transform = input.kind === "number" && input.transform === "signedLog" ? signedLog : (v: number) => v;
  const values = valuesOf(column, input.kind, rows);
  const far = values.reduce((n, v) => n + (Math.abs((transform(v) - input.center) / input.scale) > FAR ? 1 : 0), 0);
  const missing = rows.reduce((n, row) => n + (kindOfCell(column, row) === "missing" ? 1 : 0), 0);
  const isNew = input.kind === "number" && !input.flag && missing > 0;
  return [
    ...(far > 0 ? [`${count(far, "value")} more than ${FAR} standard deviations from the mean of the training`] : []),
    ...(isNew ? [`${count(missing, "value")} missing, which training never saw; ${input.fill} stands in`] : []),
  ];
}
