// Which cycles dates show. Our choice: those that they cover at least twice, at enough different places for a cycle to be seen.
import { dateOf } from "./dates.ts";

/** Days. */
const YEAR = 365.2425;
const WEEK = 7;
const DAY = 1;

/**
 * The lengths, in days, of the cycles that dates can teach a model: a year when they span two and lie in at least 4 months, a week when they
 * span two and lie on at least 5 weekdays and 5 days of the month (months alone begin on any weekday), a day when they span two and lie in at
 * least 4 hours.
 *
 * @param days - days since 2000-01-01T00:00Z.
 */
export function fitCycles(days: Float64Array): number[] {
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const seen = {
    months: new Set<number>(),
    weekdays: new Set<number>(),
    daysOfMonth: new Set<number>(),
    hours: new Set<number>(),
  };
  for (const day of days) {
    first = Math.min(first, day);
    last = Math.max(last, day);
    const date = dateOf(day);
    seen.months.add(date.getUTCMonth());
    seen.weekdays.add(date.getUTCDay());
    seen.daysOfMonth.add(date.getUTCDate());
    seen.hours.add(date.getUTCHours());
  }
  const covers = (length: number) => last - first >= 2 * length;
  const cycles: number[] = [];
  if (covers(YEAR) && seen.months.size >= 4) cycles.push(YEAR);
  if (covers(WEEK) && seen.weekdays.size >= 5 && seen.daysOfMonth.size >= 5) cycles.push(WEEK);
  if (covers(DAY) && seen.hours.size >= 4) cycles.push(DAY);
  return cycles;
}

/** What a cycle is called in the name of a feature. */
export const nameOfCycle = (length: number): string =>
  length === YEAR ? "year" : length === WEEK ? "week" : length === DAY ? "day" : `${length} days`;
