// Dates, as days since 2000-01-01T00:00Z. Our choice of forms: those that can be read in one way only.

const DAY = 86_400_000;
const EPOCH = Date.UTC(2000, 0, 1);
const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

const TIME = String.raw`(?:[T ,]\s*(?<hour>\d{1,2}):(?<minute>\d\d)(?::(?<second>\d\d(?:[.,]\d{1,9})?))?\s*(?<zone>Z|[+-]\d\d:?\d\d)?)?`;
const FORMS = [
  String.raw`(?<year>\d{4})-(?<month>\d\d?)(?:-(?<day>\d\d?))?`, // 2024-12-31, 2024-12
  String.raw`(?<year>\d{4})/(?<month>\d\d?)/(?<day>\d\d?)`, // 2024/12/31
  String.raw`(?<day>\d\d?)\.(?<month>\d\d?)\.(?<year>\d{4})`, // 31.12.2024: where dots are used, days come first
  String.raw`(?<day>\d\d?)[ -](?<name>[A-Za-z]{3,9})\.?,?[ -](?<year>\d{4})`, // 31 Dec 2024, 31-December-2024
  String.raw`(?<name>[A-Za-z]{3,9})\.? (?<day>\d\d?),? (?<year>\d{4})`, // Dec 31, 2024
  String.raw`(?<name>[A-Za-z]{3,9})\.?[ -](?<year>\d{4})`, // Dec 2024
].map((form) => new RegExp(`^${form}${TIME}$`, "i"));

/** 03/04/2024 is the 3rd of April to some and the 4th of March to others. */
const AMBIGUOUS = /^\d\d?\/\d\d?\/(?:\d{4}|\d\d)(?:[T ].*)?$/;

/** Whether a field is a date that can be read in two ways, such as 03/04/2024. */
export const isAmbiguousDate = (text: string): boolean => AMBIGUOUS.test(text);

/**
 * A date with or without time of day, as days since 2000-01-01T00:00Z; undefined for what is not one. Without a time zone it is UTC; a month
 * without a day is its first.
 *
 * @example
 * ```ts
 * parseDate("2000-01-02 12:00"); // 1.5
 * ```
 */
export function parseDate(text: string): number | undefined {
  if (text.length < 7 || text.length > 40) return undefined;
  for (const form of FORMS) {
    const parts = form.exec(text)?.groups;
    if (parts) return toDays(parts);
  }
  return undefined;
}

function toDays({
  year,
  month,
  name,
  day = "1",
  hour = "0",
  minute = "0",
  second = "0",
  zone,
}: Record<string, string>) {
  const m = name === undefined ? Number(month) : monthOf(name);
  const s = Number(second.replace(",", "."));
  if (m < 1 || m > 12 || Number(hour) > 23 || Number(minute) > 59 || s >= 60) return undefined;
  const midnight = new Date(EPOCH);
  midnight.setUTCFullYear(Number(year), m - 1, Number(day)); // Date.UTC takes years below 100 for those of the last century
  if (midnight.getUTCDate() !== Number(day)) return undefined; // 31 June
  const sign = zone?.startsWith("-") ? -1 : 1;
  const offset =
    zone && zone !== "Z" && zone !== "z" ? sign * (60 * Number(zone.slice(1, 3)) + Number(zone.slice(-2))) : 0;
  return (midnight.getTime() - EPOCH) / DAY + (60 * (60 * Number(hour) + Number(minute) - offset) + s) / 86_400;
}

/** 1 to 12, from an English name or its beginning; 0 for another word. */
function monthOf(name: string): number {
  const word = name.toLowerCase();
  const at = MONTHS.indexOf(word.slice(0, 3));
  return at >= 0 && (word.length === 3 || word === "sept" || LONG_NAMES[at] === word) ? at + 1 : 0;
}

const LONG_NAMES = [
  ...["january", "february", "march", "april", "may", "june", "july", "august", "september", "october"],
  ...["november", "december"],
];

/** Days since 2000-01-01T00:00Z as a date, to the millisecond. */
export const dateOf = (days: number): Date => new Date(EPOCH + Math.round(days * DAY));

/** Days since 2000-01-01T00:00Z as 2024-12-31, with the time of day where there is one. */
export function showDate(days: number): string {
  const date = dateOf(days);
  if (Number.isNaN(date.getTime())) return String(days);
  const iso = date.toISOString();
  return days % 1 === 0 ? iso.slice(0, iso.indexOf("T")) : iso.replace(".000Z", "Z");
}
