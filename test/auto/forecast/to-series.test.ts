import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fillGaps } from "../../../src/auto/forecast/gaps.ts";
import { type SeriesTable, toSeries } from "../../../src/auto/forecast/to-series.ts";

const EPOCH = Date.UTC(2000, 0, 1);
/** A column of ISO dates as tables hold them. */
const dates = (name: string, texts: string[]) => ({
  name,
  values: Float64Array.from(texts, (text) => (Date.parse(text) - EPOCH) / 86_400_000),
  codes: new Uint32Array(texts.length).fill(1),
  words: [],
});
const numbers = (name: string, values: number[]) => ({ name, values: Float64Array.from(values), words: [] });
const words = (name: string, texts: string[]) => ({
  name,
  values: new Float64Array(texts.length).fill(Number.NaN),
  codes: Uint32Array.from(texts, (_, i) => 2 + i),
  words: texts,
});
const table = (...columns: SeriesTable["columns"]): SeriesTable => ({
  source: "a.csv",
  rows: columns[0].values.length,
  columns,
  lines: columns[0].values.map((_, i) => i + 2),
});
const days = (...numbers: number[]) => numbers.map((day) => `2020-01-${String(day).padStart(2, "0")}`);
const options = { time: "day", targets: ["y"] };

describe("toSeries", () => {
  test("takes rows in their order without a column of dates", () => {
    const { series, warnings } = toSeries(table(numbers("y", [1, 2]), numbers("z", [3, 4])), {
      targets: ["y"],
      columns: ["z"],
    });
    expect(series).toEqual({ source: "a.csv", columns: ["y", "z"], values: Float64Array.of(1, 3, 2, 4) });
    expect(warnings).toEqual([]);
  });

  test("sorts rows that are in decreasing order, and says so", () => {
    const { series, warnings } = toSeries(table(dates("day", days(4, 3, 2, 1)), numbers("y", [4, 3, 2, 1])), options);
    expect(series.dates).toEqual(days(1, 2, 3, 4));
    expect(Array.from(series.values)).toEqual([1, 2, 3, 4]);
    expect(warnings).toEqual(['a.csv: the rows were sorted by column "day", for line 3 is earlier than line 2']);
  });

  test("puts missing rows in, and interpolates missing values, naming them", () => {
    const present = [1, 2, 3, 4, 6, 7, 8, 9, 10, 11];
    const values = [1, 2, Number.NaN, 4, 6, 7, 8, 9, 10, 11];
    const { series, warnings } = toSeries(table(dates("day", days(...present)), numbers("y", values)), options);
    expect(Array.from(series.values)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(series.dates?.[4]).toBe("2020-01-05");
    expect(warnings).toEqual(['a.csv, column "y": 2 missing values were interpolated (line 4, 2020-01-05)']);
  });

  test("writes dates as the file does", () => {
    const texts = ["2020Q1", "2020Q2", "2020Q4", "2021Q1", "2021Q2", "2021Q3", "2021Q4"];
    const made = toSeries(table(words("day", texts), numbers("y", [1, 2, 4, 5, 6, 7, 8])), options);
    expect(made.series.dates?.[2]).toBe("2020Q3");
    const months = ["2020-01-01", "2020-02-01", "2020-03-01"];
    expect(toSeries(table(dates("day", months), numbers("y", [1, 2, 3])), options).series.dates?.[1]).toBe("2020-02");
    const written = toSeries(table(dates("day", months), numbers("y", [1, 2, 3])), {
      ...options,
      written: ["1.1.2020"],
    });
    expect(written.series.dates?.[1]).toBe("1.2.2020");
  });

  test("years are dates, other numbers only an order", () => {
    expect(toSeries(table(numbers("day", [1990, 1991, 1992]), numbers("y", [1, 2, 3])), options).series.dates).toEqual([
      "1990",
      "1991",
      "1992",
    ]);
    const { series } = toSeries(
      table(numbers("day", [1, 3, 4, 5, 6, 7, 8]), numbers("y", [1, 3, 4, 5, 6, 7, 8])),
      options,
    );
    expect(series.dates).toBeUndefined();
    expect(series.values[1]).toBe(2);
  });

  test("cuts off what is missing at the ends, with a warning", () => {
    const { series, warnings } = toSeries(
      table(dates("day", days(1, 2, 3, 4, 5)), numbers("y", [Number.NaN, 2, 3, Number.NaN, Number.NaN])),
      options,
    );
    expect(series.dates).toEqual(days(2, 3));
    expect(warnings).toEqual([
      "a.csv: the series begins at line 3, for before it values are missing (line 2)",
      "a.csv: the series ends at line 4, for behind it values are missing (line 5 to line 6)",
    ]);
  });

  test.each<[string, SeriesTable, string]>([
    [
      "a date twice",
      table(dates("day", days(1, 2, 2, 3)), numbers("y", [1, 2, 3, 4])),
      'a.csv: lines 3 and 4 have the same date 2020-01-02 in column "day"; a series has one row per date',
    ],
    [
      "a missing date",
      table(numbers("day", [1, Number.NaN, 3]), numbers("y", [1, 2, 3])),
      'a.csv, line 3, column "day": the date is missing',
    ],
    [
      "a word for a date",
      table(words("day", ["2020Q1", "soon"]), numbers("y", [1, 2])),
      'a.csv, line 3, column "day": "soon" is not a date in a form that is known and common to all rows',
    ],
    [
      "an ambiguous date",
      table(words("day", ["1/2/2020", "1/3/2020"]), numbers("y", [1, 2])),
      'a.csv, column "day": "1/2/2020" may be two days; write dates as 2020-12-31',
    ],
    [
      "a word for a number",
      table(dates("day", days(1, 2)), words("y", ["low", "high"])),
      'a.csv, line 2, column "y": "low" is not a number',
    ],
    [
      "a long gap",
      table(
        dates("day", days(1, ...Array.from({ length: 20 }, (_, i) => 11 + i))),
        numbers(
          "y",
          Array.from({ length: 21 }, (_, i) => i),
        ),
      ),
      'a.csv, column "y": 9 values in a row are missing (2020-01-02 to 2020-01-10), and gaps of at most 6 are filled',
    ],
    [
      "irregular dates",
      table(dates("day", days(1, 2, 5, 7, 11, 12, 20)), numbers("y", [1, 2, 3, 4, 5, 6, 7])),
      'a.csv, column "day": the dates are irregular: steps lie between 1 day and 8 days',
    ],
    ["an unknown column", table(numbers("x", [1])), 'a.csv has no column "y"; it has "x"'],
  ])("refuses %s", (_, bad, message) => {
    const time = bad.columns.some(({ name }) => name === "day") ? "day" : undefined;
    expect(() => toSeries(bad, { time, targets: ["y"] })).toThrow(message);
  });

  test("any order of the rows gives the same series", () => {
    const order = fc.shuffledSubarray([1, 2, 3, 4, 5, 6, 7, 8, 9], { minLength: 9, maxLength: 9 });
    fc.assert(
      fc.property(order, (shuffled) => {
        const { series } = toSeries(table(dates("day", days(...shuffled)), numbers("y", shuffled)), options);
        expect(Array.from(series.values)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
      }),
    );
  });
});

test("fillGaps refuses columns with too much missing, or nothing", () => {
  const fill = (...values: number[]) =>
    fillGaps([{ name: "y", values: Float64Array.from(values) }], {
      source: "a.csv",
      place: (t) => `row ${t}`,
      warnings: [],
    });
  expect(() => fill(1, Number.NaN, 2, Number.NaN, 3)).toThrow(
    'a.csv, column "y": 2 of 5 values are missing, the first at row 1; at most 20 % are filled',
  );
  expect(() => fill(Number.NaN, Number.NaN)).toThrow('a.csv, column "y": there are no values');
});
