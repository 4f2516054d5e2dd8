import { GmnmError } from "../../errors.ts";

/** So many values in a row may be missing; over longer gaps a straight line would be invention. Our choice. */
export const LONGEST_GAP = 6;
/** The share of values that may be missing in all. Our choice. */
const MOST_MISSING = 0.2;
/** Gaps that a warning names. */
const NAMED = 5;

export type Gappy = { name: string; values: Float64Array };

/**
 * Fills short gaps (NaN) of columns by straight lines. What is missing at the ends is cut off: rows [from, to) are left.
 *
 * @param place names a row, for messages.
 * @throws GmnmError for gaps that are long or many, and for columns without values.
 */
export function fillGaps(
  columns: readonly Gappy[],
  { source, place, warnings }: { source: string; place: (row: number) => string; warnings: string[] },
): { columns: Float64Array[]; from: number; to: number } {
  const rows = columns[0].values.length;
  const known = columns.map(({ name, values }) => {
    const first = values.findIndex((value) => !Number.isNaN(value));
    if (first < 0) throw new GmnmError(`${source}, column ${JSON.stringify(name)}: there are no values`);
    return { first, last: values.findLastIndex((value) => !Number.isNaN(value)) };
  });
  const from = Math.max(...known.map(({ first }) => first));
  const to = Math.min(...known.map(({ last }) => last)) + 1;
  if (to <= from) throw new GmnmError(`${source}: the columns have no rows in common`);
  const say = (a: number, b: number) => (a === b ? place(a) : `${place(a)} to ${place(b)}`);
  if (from > 0)
    warnings.push(
      `${source}: the series begins at ${place(from)}, for before it values are missing (${say(0, from - 1)})`,
    );
  if (to < rows)
    warnings.push(
      `${source}: the series ends at ${place(to - 1)}, for behind it values are missing (${say(to, rows - 1)})`,
    );
  const filled = columns.map(({ name, values }) => {
    const gaps = gapsOf(values, from, to);
    const missing = gaps.reduce((sum, [a, b]) => sum + b - a, 0);
    const long = gaps.find(([a, b]) => b - a > LONGEST_GAP);
    const column = `${source}, column ${JSON.stringify(name)}`;
    if (long) {
      const [a, b] = long;
      throw new GmnmError(
        `${column}: ${b - a} values in a row are missing (${say(a, b - 1)}), and gaps of at most ${LONGEST_GAP} are filled; leave out what lies before or fill it`,
      );
    }
    if (missing > MOST_MISSING * (to - from)) {
      throw new GmnmError(
        `${column}: ${missing} of ${to - from} values are missing, the first at ${place(gaps[0][0])}; at most ${100 * MOST_MISSING} % are filled`,
      );
    }
    if (missing > 0) {
      const named = gaps.slice(0, NAMED).map(([a, b]) => say(a, b - 1));
      const more = gaps.length > NAMED ? ` and ${gaps.length - NAMED} more` : "";
      warnings.push(
        `${column}: ${missing === 1 ? "a missing value was" : `${missing} missing values were`} interpolated (${named.join(", ")}${more})`,
      );
    }
    return interpolate(values, gaps);
  });
  return { columns: filled, from, to };
}

/** Stretches [a, b) without values between two rows. */
function gapsOf(values: Float64Array, from: number, to: number): [number, number][] {
  const gaps: [number, number][] = [];
  for (let t = from; t < to; t++) {
    if (!Number.isNaN(values[t])) continue;
    let end = t;
    while (end < to && Number.isNaN(values[end])) end++;
    gaps.push([t, end]);
    t = end;
  }
  return gaps;
}

function interpolate(values: Float64Array, gaps: readonly [number, number][]): Float64Array {
  const filled = values.slice();
  for (const [a, b] of gaps) {
    const [before, after] = [values[a - 1], values[b]];
    for (let t = a; t < b; t++) filled[t] = before + ((after - before) * (t - a + 1)) / (b - a + 1);
  }
  return filled;
}
