import fc from "fast-check";
import { expect, test } from "vitest";
import { isAmbiguousDate, parseDate, showDate } from "../../src/table/dates.ts";

test.each([
  ["2000-01-01", 0],
  ["2000-01-02 12:00", 1.5],
  ["2000-01-02T12:00:00Z", 1.5],
  ["2000-01-02T12:00:00.000+02:00", 1.5 - 2 / 24],
  ["2000-01-02T12:00-0530", 1.5 + 5.5 / 24],
  ["1999-12-31", -1],
  ["1949-01", -18_627],
  ["2000/3/1", 60],
  ["1.3.2000", 60],
  ["01.03.2000 06:00", 60.25],
  ["1 Mar 2000", 60],
  ["01-March-2000", 60],
  ["March 1, 2000", 60],
  ["Mar 2000", 60],
  ["Sept 1, 2000", 244],
  ["0001-01-01", -730_119],
])("%s is %d days from 2000-01-01", (text, days) => {
  expect(parseDate(text)).toBeCloseTo(days, 9);
});

test.each([
  "2001-02-29",
  "2000-13-01",
  "2000-00-10",
  "31.6.2000",
  "2000-01-01 24:00",
  "2000-01-01 12:60",
  "12:00",
  "2000",
  "1/2/2000",
])("%s is not a date", (text) => expect(parseDate(text)).toBeUndefined());

test.each([
  "Marsupial 1, 2000",
  "May be 2000",
  "1 Mayday 2000",
  "20000-01-01",
  "2000-01-01x",
  "__proto__",
  "constructor 2000",
])("nor is %s", (text) => expect(parseDate(text)).toBeUndefined());

test("some can be read in two ways", () => {
  expect(["03/04/2024", "3/4/24", "03/04/2024 12:00"].every(isAmbiguousDate)).toBe(true);
  expect(["2024/03/04", "1/2", "3.4.2024"].some(isAmbiguousDate)).toBe(false);
});

test("what is shown is read back, to the millisecond", () => {
  fc.assert(
    fc.property(fc.date({ min: new Date("0001-01-01"), max: new Date("9999-12-31"), noInvalidDate: true }), (date) => {
      const days = (date.getTime() - Date.UTC(2000, 0, 1)) / 86_400_000;
      expect(Math.round(parseDate(showDate(days))! * 86_400_000)).toBe(Math.round(days * 86_400_000));
      expect(showDate(parseDate(showDate(days))!)).toBe(showDate(days));
    }),
  );
});
