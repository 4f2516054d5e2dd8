// What stands behind an option on the command line, as a value.
import { UsageError } from "./usage.ts";

/** A whole number of at least `least`. */
export const wholeNumber =
  (option: string, least = 1) =>
  (text: string): number => {
    const value = Number(text);
    if (!(text.trim() !== "" && Number.isSafeInteger(value) && value >= least)) {
      throw new UsageError(`${option} must be a whole number of at least ${least}, got ${text}`);
    }
    return value;
  };

/** Names with commas between them; a comma that belongs to a name is written `\,`. */
export const names = (text: string): string[] =>
  text
    .split(/(?<!\\),/)
    .map((part) => part.trim().replaceAll("\\,", ","))
    .filter((part) => part !== "");

const UNITS: Record<string, number> = { "": 1, s: 1, m: 60, min: 60, h: 3600 };

/** Seconds: `90`, `90s`, `1.5m`, `2h`. */
export const duration =
  (option: string) =>
  (text: string): number => {
    const [, number, unit] = /^\s*(\d+\.?\d*|\.\d+)\s*(s|m|min|h|)\s*$/.exec(text) ?? [];
    const seconds = Number(number) * UNITS[unit];
    if (!(seconds > 0)) throw new UsageError(`${option} must be a time such as 60s, 5m or 1h, got ${text}`);
    return seconds;
  };

/** A share: `1%` or `0.01`. */
export const share =
  (option: string) =>
  (text: string): number => {
    const [, number, percent] = /^\s*(\d+\.?\d*|\.\d+)\s*(%?)\s*$/.exec(text) ?? [];
    const value = Number(number) / (percent ? 100 : 1);
    if (!(value >= 0)) throw new UsageError(`${option} must be a share such as 1% or 0.01, got ${text}`);
    return value;
  };

/** A share of rows, or else the name of a file. */
export const shareOrFile = (text: string): number | string => {
  if (!/^\s*[\d.]+\s*%?\s*$/.test(text)) return text;
  const value = share("--test")(text);
  if (!(value > 0 && value < 1)) throw new UsageError(`--test must be a file or a share between 0 and 1, got ${text}`);
  return value;
};
