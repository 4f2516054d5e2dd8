import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  calendarSeasons,
  detectSpacing,
  positions,
  type Spacing,
  spacingName,
  timeAfter,
} from "../../../src/auto/forecast/spacing.ts";

const [HOUR, DAY] = [3_600_000, 86_400_000];
const from = (spacing: Spacing, start: number, rows: number) =>
  Float64Array.from({ length: rows }, (_, i) => (i === 0 ? start : timeAfter(spacing, start, i)));
const names = (spacing: Spacing) => [spacingName(spacing), calendarSeasons(spacing)];

describe("detectSpacing", () => {
  test.each<[string, Spacing, number, number[]]>([
    ["minutes", { unit: "time", step: 60_000 }, 0, [60, 1440, 10080]],
    ["hours", { unit: "time", step: HOUR }, 0, [24, 168]],
    ["days", { unit: "time", step: DAY }, 0, [7, 365]],
    ["weeks", { unit: "time", step: 7 * DAY }, 0, [52]],
    ["months", { unit: "month", step: 1, day: 1 }, Date.UTC(1949, 0, 1), [12]],
    ["months", { unit: "month", step: 1, day: 31 }, Date.UTC(2020, 0, 31), [12]],
    ["quarters", { unit: "month", step: 3, day: 1 }, Date.UTC(2000, 3, 1), [4]],
    ["years", { unit: "month", step: 12, day: 1 }, Date.UTC(1900, 0, 1), []],
    ["working days", { unit: "workday", step: 1 }, Date.UTC(2024, 0, 3), [5, 261]],
    ["steps of 3 h", { unit: "time", step: 3 * HOUR }, 0, [8, 56]],
  ])("knows %s", (name, spacing, start, seasons) => {
    const times = from(spacing, start, 40);
    expect(detectSpacing(times, "a")).toEqual(spacing);
    expect(names(spacing)).toEqual([name, seasons]);
    expect(Array.from(positions(spacing, times))).toEqual(Array.from(times, (_, i) => i));
  });

  test("the last day of every month goes on to the last day of the next", () => {
    const times = Float64Array.from([Date.UTC(2023, 10, 30), Date.UTC(2023, 11, 31), Date.UTC(2024, 0, 31)]);
    const next = timeAfter(detectSpacing(times, "a"), times[2], 1);
    expect(new Date(next).toISOString()).toBe("2024-02-29T00:00:00.000Z");
  });

  test("a holiday among working days is a missing row", () => {
    const times = from({ unit: "workday", step: 1 }, Date.UTC(2024, 0, 1), 30).filter((_, i) => i !== 11);
    expect(positions(detectSpacing(times, "a"), times)[11]).toBe(12);
  });

  test("irregular dates are refused with the steps there are", () => {
    const times = Float64Array.from([0, 1, 2, 5.5, 6, 9, 10, 14].map((day) => day * DAY));
    expect(() => detectSpacing(times, "a.csv")).toThrow(
      /a\.csv: the dates are irregular: steps lie between 12 h and 4 days, 43 % of them are 1 day; a forecast needs equal steps/,
    );
    expect(() => detectSpacing(Float64Array.of(1), "a.csv")).toThrow("two dates at least are needed");
  });

  const spacings: fc.Arbitrary<Spacing> = fc.oneof(
    fc
      .constantFrom(1000, 60_000, 900_000, HOUR, 6 * HOUR, DAY, 7 * DAY)
      .map((step): Spacing => ({ unit: "time", step })),
    fc.record({
      unit: fc.constant("month" as const),
      step: fc.constantFrom(1, 2, 3, 6, 12),
      day: fc.integer({ min: 1, max: 28 }),
    }),
  );
  const starts = fc
    .integer({ min: Date.UTC(1900, 0) / 1000, max: Date.UTC(2100, 0) / 1000 })
    .map((seconds) => seconds * 1000);

  test("any regular times, with a row missing, have the places they were made for", () => {
    fc.assert(
      fc.property(spacings, starts, fc.integer({ min: 12, max: 60 }), fc.nat(), (spacing, anywhere, rows, hole) => {
        const start = spacing.unit === "month" ? new Date(anywhere).setUTCDate(spacing.day) : anywhere;
        const missing = 1 + (hole % (rows - 2));
        const whole = from(spacing, start, rows);
        const times = whole.filter((_, i) => i !== missing);
        const found = detectSpacing(times, "a");
        const places = positions(found, times);
        expect(places[missing]).toBe(missing + 1);
        expect(places.at(-1)).toBe(rows - 1);
        expect(timeAfter(found, times.at(-1)!, 5)).toBe(timeAfter(spacing, whole.at(-1)!, 5));
      }),
    );
  });
});
