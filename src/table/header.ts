// Whether the first record of a file names its columns. Our choice of rules; docs/tables.md lists them.
import { type DecimalSign, isMissing, parseNumber } from "./cell.ts";
import { parseDate } from "./dates.ts";

/** Whole numbers that name columns oftener than others do. */
const YEAR = /^(?:1[89]|2[01])\d\d$/;

/**
 * Whether the first of the records is a header.
 *
 * Every column of numbers, or of dates, says whether its first field is one too. Where most say no it is a header; where some do, it still is when
 * its fields could be names. Where all say yes it is data, unless what they have there are years in a row. Without such columns, it is a header
 * when its fields could be names, and are words.
 */
export function hasHeader([first, ...rest]: readonly string[][], decimal: DecimalSign): boolean {
  if (first === undefined) return true;
  const kindOf = (field: string) =>
    parseNumber(field, decimal) !== undefined ? "number" : parseDate(field) !== undefined ? "date" : "word";
  const areWords = first.every((field) => kindOf(field) === "word");
  if (rest.length === 0) return areWords;
  const alike: ValueColumn[] = [];
  let others = 0;
  first.forEach((field, j) => {
    const below = rest.map((fields) => fields[j] ?? "").filter((other) => !isMissing(other));
    const kinds = new Set(below.map(kindOf));
    if (isMissing(field) || below.length === 0 || kinds.has("word")) return;
    if (kinds.has(kindOf(field))) alike.push({ field, below });
    else others++;
  });
  if (others > alike.length) return true;
  // No two alike, no word that comes again in its column. The first may be empty: so pandas writes the numbers of its rows.
  const couldName =
    new Set(first).size === first.length &&
    !first.some((field, j) => field === "" && j > 0) &&
    !first.some((field, j) => kindOf(field) === "word" && rest.some((fields) => fields[j] === field));
  return couldName && (others > 0 || (alike.length > 0 ? areYears(alike) : areWords));
}

/** A column of numbers or dates with its first field, which is one too, and those that are not missing below. */
type ValueColumn = { field: string; below: readonly string[] };

/** 2019, 2020, 2021 or 2021, 2020, 2019 above columns of something else. */
function areYears(columns: readonly ValueColumn[]): boolean {
  const years = columns.map(({ field }) => Number(field));
  const step = years[1] - years[0];
  return (
    Math.abs(step) === 1 &&
    years.every((year, i) => year === years[0] + i * step) &&
    columns.every(({ field, below }) => YEAR.test(field) && 2 * below.filter((f) => YEAR.test(f)).length < below.length)
  );
}
