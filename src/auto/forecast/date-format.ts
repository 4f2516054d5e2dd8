// Dates as people write them: read, and written again in the same form. Our choice of forms.
import { GmnmError } from "../../errors.ts";

/** Dates of one form: milliseconds since 1970 in UTC, and back. Where dates bear no time zone they are taken to be UTC, so that days are days. */
export type DateFormat = { parse(text: string): number | undefined; format(time: number): string };

type Field = "year" | "quarter" | "month" | "day" | "hour" | "minute" | "second" | "fraction";
/** A piece of a date: a field, or what stands between fields. `width` is what numbers are filled up to with zeros. */
type Piece =
  | { kind: "text"; text: string }
  | { kind: "number"; field: Field; width: number }
  | { kind: "monthName"; long: boolean; upper: boolean }
  | { kind: "compact"; fields: [Field, number][] };

const MONTHS = "January February March April May June July August September October November December".split(" ");
export const DAY = 86_400_000;

const split = (text: string): string[] => text.trim().match(/\d+|[A-Za-z]+|[^A-Za-z\d]+/g) ?? [];
const isNumber = (token: string) => /^\d/.test(token);
const monthOf = (token: string): number =>
  token.length < 3
    ? -1
    : MONTHS.findIndex((name) => [name, name.slice(0, 3)].some((n) => n.toLowerCase() === token.toLowerCase()));

/** Which number is what, for the numbers of a date in their order; several where it can be read in several ways. */
function readings(numbers: string[], monthName: boolean, quarter: boolean): Field[][] {
  const time: Field[] = ["hour", "minute", "second", "fraction"];
  const [first, second, third] = numbers;
  const withTime = (date: Field[]) =>
    numbers.length - date.length <= 4 && numbers.length - date.length !== 1
      ? [[...date, ...time.slice(0, numbers.length - date.length)]]
      : [];
  if (quarter) return numbers.length === 2 ? (first.length === 4 ? [["year", "quarter"]] : [["quarter", "year"]]) : [];
  if (monthName) {
    if (numbers.length === 1) return [["year"]];
    if (first?.length === 4) return withTime(["year", "day"]);
    return withTime(["day", "year"]);
  }
  if (numbers.length === 0) return [];
  if (numbers.length === 1) return first.length === 4 ? [["year"]] : [];
  if (numbers.length === 2)
    return first.length === 4 ? [["year", "month"]] : second.length === 4 ? [["month", "year"]] : [];
  if (first.length === 4) return withTime(["year", "month", "day"]);
  if (third.length === 4) return [...withTime(["day", "month", "year"]), ...withTime(["month", "day", "year"])];
  return [];
}

/** The pieces of a date, from its tokens, once it is known what its numbers are. */
function piecesOf(tokens: string[], fields: Field[], width: (index: number) => number): Piece[] {
  let number = 0;
  return tokens.map((token, index) => {
    if (isNumber(token) && number < fields.length)
      return { kind: "number", field: fields[number++], width: width(index) };
    if (monthOf(token) >= 0) return { kind: "monthName", long: token.length > 3, upper: token === token.toUpperCase() };
    return { kind: "text", text: token };
  });
}

function parseWith(pieces: readonly Piece[], text: string): number | undefined {
  const tokens = split(text);
  if (tokens.length !== pieces.length) return undefined;
  const found: Record<Field, number> = {
    year: 2000,
    quarter: 1,
    month: 1,
    day: 1,
    hour: 0,
    minute: 0,
    second: 0,
    fraction: 0,
  };
  for (let i = 0; i < pieces.length; i++) {
    const [piece, token] = [pieces[i], tokens[i]];
    if (piece.kind === "text" && piece.text !== token) return undefined;
    if (piece.kind === "monthName") found.month = monthOf(token) + 1;
    if (piece.kind !== "text" && piece.kind !== "monthName" && !isNumber(token)) return undefined;
    if (piece.kind === "number") {
      found[piece.field] = piece.field === "fraction" ? Number(`0.${token}`) * 1000 : Number(token);
      if (piece.field === "year" && token.length === 2) found.year += Number(token) < 70 ? 2000 : 1900;
      else if (piece.field === "year" && token.length !== 4) return undefined;
    }
    if (piece.kind === "compact") {
      if (token.length !== piece.fields.reduce((sum, [, digits]) => sum + digits, 0)) return undefined;
      let at = 0;
      for (const [field, digits] of piece.fields) {
        found[field] = Number(token.slice(at, at + digits));
        at += digits;
      }
    }
  }
  const { year, quarter, month, day, hour, minute, second, fraction } = found;
  const whole = pieces.some((p) => p.kind === "number" && p.field === "quarter") ? 3 * (quarter - 1) + 1 : month;
  if (quarter < 1 || quarter > 4 || whole < 1 || whole > 12 || day < 1 || hour > 23 || minute > 59 || second > 59)
    return undefined;
  if (day > new Date(Date.UTC(year, whole, 0)).getUTCDate()) return undefined;
  return Date.UTC(year, whole - 1, day, hour, minute, second, fraction);
}

function formatWith(pieces: readonly Piece[], time: number): string {
  const date = new Date(time);
  const value: Record<Field, number> = {
    year: date.getUTCFullYear(),
    quarter: Math.floor(date.getUTCMonth() / 3) + 1,
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    fraction: date.getUTCMilliseconds(),
  };
  const written = (field: Field, width: number) => {
    if (field === "fraction") return String(value.fraction).padStart(3, "0").padEnd(width, "0").slice(0, width);
    const text = String(value[field]);
    return (field === "year" && width === 2 ? text.slice(-2) : text).padStart(width, "0");
  };
  return pieces
    .map((piece) => {
      if (piece.kind === "text") return piece.text;
      if (piece.kind === "number") return written(piece.field, piece.width);
      if (piece.kind === "compact") return piece.fields.map(([field, digits]) => written(field, digits)).join("");
      const name = MONTHS[value.month - 1];
      const short = piece.long ? name : name.slice(0, 3);
      return piece.upper ? short.toUpperCase() : short;
    })
    .join("");
}

/** What a date of digits only consists of, by their number. */
const COMPACT: Record<number, [Field, number][]> = {
  8: [
    ["year", 4],
    ["month", 2],
    ["day", 2],
  ],
  12: [
    ["year", 4],
    ["month", 2],
    ["day", 2],
    ["hour", 2],
    ["minute", 2],
  ],
  14: [
    ["year", 4],
    ["month", 2],
    ["day", 2],
    ["hour", 2],
    ["minute", 2],
    ["second", 2],
  ],
};

/**
 * The form that all given dates have, such as 1949-01, 2016-07-01 00:00:00, 1990/1/1 0:00, 1.2.2020, 01-Feb-2020, 2020Q1 or 20200131; undefined
 * where there is none. 3/4/2020 may be two days: taken is the reading that is possible for all dates, day first where both are; `ambiguous` tells.
 */
export function dateFormat(dates: readonly string[]): (DateFormat & { ambiguous: boolean }) | undefined {
  const rows = dates.map(split);
  const [tokens] = rows;
  if (!tokens || tokens.length === 0) return undefined;
  if (tokens.length === 1 && COMPACT[tokens[0].length] && isNumber(tokens[0]))
    return usable([[{ kind: "compact", fields: COMPACT[tokens[0].length] }]], dates);
  // A time zone at the end stays as it is.
  const zone = tokens.findIndex((token, i) => i > 6 && /^[+-]$/.test(token.trim()));
  const own = zone < 0 ? tokens : tokens.slice(0, zone);
  const numbers = own.filter(isNumber);
  const monthName = own.some((token) => monthOf(token) >= 0);
  const quarter = own.some((token) => /^q$/i.test(token));
  const width = (index: number) => {
    const lengths = rows.map((row) => (row[index] ?? "").length);
    const least = Math.min(...lengths.slice(0, 1000));
    return rows.some((row) => /^0\d/.test(row[index] ?? "")) || least > 2 ? Math.max(...lengths.slice(0, 1000)) : 1;
  };
  const candidates = readings(numbers, monthName, quarter).map((fields) =>
    piecesOf(tokens, fields, (i) => twoDigitYear(fields, tokens, i) ?? width(i)),
  );
  return usable(candidates, dates);
}

/** 2 for a year that is written with two digits. */
function twoDigitYear(fields: Field[], tokens: string[], index: number): number | undefined {
  const place = tokens.slice(0, index).filter(isNumber).length;
  return fields[place] === "year" && tokens[index].length === 2 ? 2 : undefined;
}

function usable(candidates: Piece[][], dates: readonly string[]): (DateFormat & { ambiguous: boolean }) | undefined {
  const fitting = candidates.filter((pieces) => dates.every((date) => parseWith(pieces, date) !== undefined));
  if (fitting.length === 0) return undefined;
  const [pieces] = fitting;
  return {
    ambiguous: fitting.length > 1 && dates.some((date) => parseWith(fitting[0], date) !== parseWith(fitting[1], date)),
    parse: (text) => parseWith(pieces, text),
    format: (time) => formatWith(pieces, time),
  };
}

/** Times of dates, by their common form. @throws GmnmError for dates that have none. */
export function readDates(
  dates: readonly string[],
  source: string,
): { times: Float64Array; format: DateFormat & { ambiguous: boolean } } {
  const format = dateFormat(dates);
  if (!format)
    throw new GmnmError(
      `${source}: the dates have no form that is known and common to all, from "${dates[0]}" to "${dates.at(-1)}"`,
    );
  return { times: Float64Array.from(dates, (date) => format.parse(date)!), format };
}
