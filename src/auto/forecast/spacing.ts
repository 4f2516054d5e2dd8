import { GmnmError } from "../../errors.ts";

const [SECOND, MINUTE, HOUR, DAY] = [1000, 60_000, 3_600_000, 86_400_000];
const WEEK = 7 * DAY;

/** The equal steps of a series: of so many milliseconds, of calendar months (which vary in length), or from one working day to the next. */
export type Spacing =
  | { unit: "time"; step: number }
  | { unit: "month"; step: number; day: number }
  | { unit: "workday"; step: 1 };

/** Calendar days of month: 31 stands for the last one, whatever its number. */
const LAST_DAY = 31;
/** The share of steps that must be the usual one; the others must be multiples of it, for which rows are missing. Our choice. */
const REGULAR = 0.8;

/** What is left of a time without whole days; times before 1970 are negative. */
const timeOfDay = (time: number) => ((time % DAY) + DAY) % DAY;
const monthIndex = (time: number) => {
  const date = new Date(time);
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
};
const daysIn = (month: number) => new Date(Date.UTC(Math.floor(month / 12), (month % 12) + 1, 0)).getUTCDate();
const dayOf = (time: number) => new Date(time).getUTCDate();
const isLastDay = (time: number) => dayOf(time) === daysIn(monthIndex(time));
const isWeekend = (time: number) => [0, 6].includes(new Date(time).getUTCDay());
/** Working days since a Monday: 5 a week. */
const workdays = (time: number) => {
  const days = Math.floor(time / DAY) + 3; // 1970-01-01 was a Thursday
  return Math.floor(days / 7) * 5 + Math.min(((days % 7) + 7) % 7, 5);
};

/** The most frequent of some numbers, the smallest of those that are equally frequent, and the share of all that it is. */
function mode(numbers: readonly number[]): { value: number; share: number } {
  const counts = new Map<number, number>();
  for (const number of numbers) counts.set(number, (counts.get(number) ?? 0) + 1);
  let [value, most] = [0, 0];
  for (const [number, count] of counts)
    if (count > most || (count === most && number < value)) [value, most] = [number, count];
  return { value, share: most / numbers.length };
}

/**
 * The spacing of increasing times, in milliseconds. Rows may be missing here and there.
 *
 * @param source names the series, for messages.
 * @param options `plain`: the times are numbers of steps, not dates.
 * @throws GmnmError where steps are too unequal to be forecast: the sentence says how unequal.
 */
export function detectSpacing(times: Float64Array, source: string, { plain = false } = {}): Spacing {
  if (times.length < 2)
    throw new GmnmError(`${source}: two dates at least are needed to see their spacing, got ${times.length}`);
  const steps = (position: (time: number) => number) =>
    Array.from(times.subarray(1), (time, i) => position(time) - position(times[i]));
  const direct = steps((time) => time);
  const usual = mode(direct);
  if (plain) return checked(source, { unit: "time", step: usual.value }, times, direct, String);
  const sameTime = times.every((time) => timeOfDay(time) === timeOfDay(times[0]));
  const lastDays = times.every(isLastDay);
  if (sameTime && usual.value >= 28 * DAY && (lastDays || times.every((time) => dayOf(time) === dayOf(times[0])))) {
    const months = mode(steps(monthIndex));
    return checked(
      source,
      { unit: "month", step: months.value, day: lastDays ? LAST_DAY : dayOf(times[0]) },
      times,
      direct,
    );
  }
  if (sameTime && usual.value === DAY && times.length > 7 && !times.some(isWeekend))
    return checked(source, { unit: "workday", step: 1 }, times, direct);
  return checked(source, { unit: "time", step: usual.value }, times, direct);
}

function checked(source: string, spacing: Spacing, times: Float64Array, direct: number[], show = duration): Spacing {
  const places = positions(spacing, times);
  const regular = direct.filter((_, i) => places[i + 1] - places[i] === 1).length / direct.length;
  if (regular >= REGULAR && places.every((place) => Number.isInteger(place))) return spacing;
  const [least, most] = [1, -1].map((sign) =>
    show(sign * direct.reduce((a, b) => Math.min(a, sign * b), Number.POSITIVE_INFINITY)),
  );
  const often = mode(direct);
  throw new GmnmError(
    `${source}: the dates are irregular: steps lie between ${least} and ${most}, ${Math.round(100 * often.share)} % of them are ${show(often.value)}; a forecast needs equal steps, so give one row per hour, day or month, or leave the dates out to take rows as equally spaced`,
  );
}

/** Steps from the first of some times to each; whole numbers where they lie on the steps. */
export function positions(spacing: Spacing, times: Float64Array): Float64Array {
  if (spacing.unit === "time") return times.map((time) => (time - times[0]) / spacing.step);
  if (spacing.unit === "workday") return times.map((time) => workdays(time) - workdays(times[0]));
  return times.map((time) => (monthIndex(time) - monthIndex(times[0])) / spacing.step);
}

/** The time so many steps behind another. */
export function timeAfter(spacing: Spacing, time: number, steps: number): number {
  if (spacing.unit === "time") return time + steps * spacing.step;
  if (spacing.unit === "workday") {
    let later = time;
    for (let left = steps; left > 0; ) {
      later += DAY;
      if (!isWeekend(later)) left--;
    }
    return later;
  }
  const month = monthIndex(time) + steps * spacing.step;
  return Date.UTC(Math.floor(month / 12), month % 12, Math.min(spacing.day, daysIn(month))) + timeOfDay(time);
}

/** Lengths of the calendar's cycles in steps, shortest first: 24 and 168 for hours, 7 and 365 for days, 12 for months. */
export function calendarSeasons(spacing: Spacing): number[] {
  if (spacing.unit === "month") return [12 / spacing.step].filter((season) => season >= 2 && Number.isInteger(season));
  if (spacing.unit === "workday") return [5, 261];
  const { step } = spacing;
  const cycles = [MINUTE, HOUR, DAY, WEEK]
    .map((cycle) => cycle / step)
    .filter((season) => season >= 4 && Number.isInteger(season));
  const year = Math.round((365.2425 * DAY) / step);
  return step >= DAY && year >= 4 ? [...cycles, year] : cycles.slice(0, 3);
}

/** The forecast people expect from steps of this length, where no season says otherwise: an hour of minutes, a day of hours, a month of days … */
export function usualHorizon(spacing: Spacing | undefined): number {
  if (!spacing) return 12;
  if (spacing.unit === "month") return spacing.step >= 12 ? 5 : Math.max(1, Math.round(12 / spacing.step));
  if (spacing.unit === "workday") return 20;
  if (spacing.step >= WEEK) return 13;
  if (spacing.step >= DAY) return 30;
  return spacing.step >= HOUR ? 24 : 60;
}

/** Milliseconds as people say them: "1 day", "3 h", "0.5 s". */
export function duration(milliseconds: number): string {
  const units: [number, string][] = [
    [DAY, "day"],
    [HOUR, "h"],
    [MINUTE, "min"],
    [SECOND, "s"],
  ];
  const [size, name] = units.find(([unit]) => Math.abs(milliseconds) >= unit) ?? [SECOND, "s"];
  const amount = Number((milliseconds / size).toFixed(1));
  return `${amount} ${name}${name === "day" && amount !== 1 ? "s" : ""}`;
}

/** "hours", "days", "months", "steps of 3 h": the spacing in words. */
export function spacingName(spacing: Spacing): string {
  if (spacing.unit === "workday") return "working days";
  if (spacing.unit === "month")
    return { 1: "months", 3: "quarters", 12: "years" }[spacing.step] ?? `steps of ${spacing.step} months`;
  const names = new Map([
    [SECOND, "seconds"],
    [MINUTE, "minutes"],
    [HOUR, "hours"],
    [DAY, "days"],
    [WEEK, "weeks"],
  ]);
  return names.get(spacing.step) ?? `steps of ${duration(spacing.step)}`;
}
