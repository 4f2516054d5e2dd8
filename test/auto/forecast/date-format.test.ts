import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { dateFormat, readDates } from "../../../src/auto/forecast/date-format.ts";

const utc = Date.UTC;

describe("dateFormat", () => {
  test.each([
    ["1949-01", utc(1949, 0), "1949-02", utc(1949, 1)],
    ["1981-01-01", utc(1981, 0, 1), "1990-12-31", utc(1990, 11, 31)],
    ["1990/1/1 0:00", utc(1990, 0, 1), "2010/10/10 13:05", utc(2010, 9, 10, 13, 5)],
    ["2016-07-01 00:00:00", utc(2016, 6, 1), "2018-06-26 19:00:00", utc(2018, 5, 26, 19)],
    ["2020-02-29T12:00:00.000Z", utc(2020, 1, 29, 12), "2020-02-29T12:00:00.250Z", utc(2020, 1, 29, 12, 0, 0, 250)],
    ["2020-01-01 00:00+02:00", utc(2020, 0, 1), "2020-01-01 06:30+02:00", utc(2020, 0, 1, 6, 30)],
    ["1.2.2020", utc(2020, 1, 1), "28.12.2020", utc(2020, 11, 28)],
    ["01/31/2020", utc(2020, 0, 31), "12/02/2021", utc(2021, 11, 2)],
    ["1948", utc(1948, 0), "2001", utc(2001, 0)],
    ["2020Q1", utc(2020, 0), "2021Q4", utc(2021, 9)],
    ["20200131", utc(2020, 0, 31), "20201201", utc(2020, 11, 1)],
    ["01-Feb-2020", utc(2020, 1, 1), "28-Dec-2020", utc(2020, 11, 28)],
    ["Jan-49", utc(2049, 0), "Dec-99", utc(1999, 11)],
    ["Mar 3, 2020", utc(2020, 2, 3), "Dec 28, 2020", utc(2020, 11, 28)],
  ])("reads %s and writes it again", (one, time, other, otherTime) => {
    const format = dateFormat([one, other]);
    expect(format?.parse(one)).toBe(time);
    expect(format?.parse(other)).toBe(otherTime);
    expect(format?.format(time)).toBe(one);
    expect(format?.format(otherTime)).toBe(other);
  });

  test("a day that may be a month is ambiguous, until another date decides", () => {
    expect(dateFormat(["03/04/2020"])).toMatchObject({ ambiguous: true });
    expect(dateFormat(["03/04/2020", "03/13/2020"])).toMatchObject({ ambiguous: false });
    expect(dateFormat(["03/03/2020"])).toMatchObject({ ambiguous: false });
  });

  test.each([
    ["2020-02-30"],
    ["2019-02-29"],
    ["2020-13-01"],
    ["2020-01-01 24:00"],
    ["yesterday"],
    [""],
    ["12"],
    ["2020Q5"],
  ])("refuses %j", (text) => {
    expect(dateFormat([text])).toBeUndefined();
  });

  test("dates of different forms have no common one", () => {
    expect(dateFormat(["2020-01-01", "2020/01/02"])).toBeUndefined();
    expect(() => readDates(["2020-01-01", "2020/01/02"], "a.csv")).toThrow(
      'a.csv: the dates have no form that is known and common to all, from "2020-01-01" to "2020/01/02"',
    );
  });

  const pad = (value: number) => String(value).padStart(2, "0");
  const writers: ((d: Date) => string)[] = [
    (d) => `${d.getUTCFullYear()}-${pad(d.getUTCMonth() + 1)}-${pad(d.getUTCDate())}`,
    (d) =>
      `${d.getUTCFullYear()}/${d.getUTCMonth() + 1}/${d.getUTCDate()} ${d.getUTCHours()}:${pad(d.getUTCMinutes())}`,
    (d) => `${pad(d.getUTCDate())}.${pad(d.getUTCMonth() + 1)}.${d.getUTCFullYear()}`,
    (d) => d.toISOString(),
  ];
  test("any list of dates of one form is written again as it was", () => {
    const times = fc.array(fc.integer({ min: utc(1800, 0) / 60_000, max: utc(2200, 0) / 60_000 }), {
      minLength: 1,
      maxLength: 20,
    });
    fc.assert(
      fc.property(times, fc.constantFrom(...writers), (minutes, write) => {
        const texts = minutes.map((minute) => write(new Date(minute * 60_000)));
        const format = dateFormat(texts);
        expect(texts.map((text) => format!.format(format!.parse(text)!))).toEqual(texts);
      }),
    );
  });

  test("any text is read or refused, never an exception", () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { maxLength: 5 }), (texts) => {
        const format = dateFormat(texts);
        for (const text of texts) if (format) expect(Number.isFinite(format.parse(text))).toBe(true);
      }),
    );
  });
});
