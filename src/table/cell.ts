// What one field of a table says: nothing, a number, a date or a word. The same everywhere, for training, prediction and JSON. Our choice.

/** What stands for a value that is not there, in any case of letters. */
const MISSING = new Set(["", "na", "n/a", "nan", "null", "?", "-"]);

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const DECIMAL_COMMA = /^[+-]?(?:\d+,?\d*|,\d+)(?:e[+-]?\d+)?$/i;

/** The sign between whole part and fraction. */
export type DecimalSign = "." | ",";

/** Whether a field is one of the ways to say that there is no value: nothing, NA, N/A, NaN, null, ? or -. */
export const isMissing = (text: string): boolean => text.length <= 4 && MISSING.has(text.toLowerCase());

/** The largest number there is often stands for none, and differences of such numbers are infinite. */
const LARGEST = 1e300;

/** Whether a number is one that a table may hold: finite, and not absurdly large. */
export const isUsable = (value: number): boolean => Math.abs(value) <= LARGEST;

/** A number, or undefined for what is not written as a decimal number up to 1e300: no thousands separators, no 0x1F, no Infinity. */
export function parseNumber(text: string, decimal: DecimalSign = "."): number | undefined {
  if (!(decimal === "." ? DECIMAL : DECIMAL_COMMA).test(text)) return undefined;
  const value = Number(decimal === "." ? text : text.replace(",", "."));
  return isUsable(value) ? value : undefined;
}
