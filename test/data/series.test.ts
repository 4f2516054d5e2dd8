import { existsSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readSeries } from "../../src/data/read-series.ts";
import { decodeSeries, sliceSeries } from "../../src/data/series.ts";
import { ettHourly, ettQuarterHourly, sevenOneTwo, splitSeries } from "../../src/data/series-splits.ts";
import { windows } from "../../src/data/windows.ts";
import { folderOf, realData, whySkipped } from "./folder.ts";

/** Rows 0 … n − 1 of two columns: i and −i. */
const counting = (rows: number) => ({
  dates: Array.from({ length: rows }, (_, i) => `day ${i}`),
  columns: ["up", "down"],
  values: Float32Array.from({ length: 2 * rows }, (_, i) => (i % 2 ? -1 : 1) * Math.floor(i / 2)),
});

describe("a CSV file of dates and numbers", () => {
  test("is read as it stands", () => {
    const { dates, columns, values } = decodeSeries('date,"a, b",c\n2016-07-01 00:00:00,1.5, -2e1\n"x",+.5,3.\n', "f");
    expect([dates, columns, [...values]]).toEqual([
      ["2016-07-01 00:00:00", "x"],
      ["a, b", "c"],
      [1.5, -20, 0.5, 3],
    ]);
  });

  test.each([
    ["", "f is empty; it should begin with a header"],
    ["date\n1\n", 'f, line 1: the header should name a date and at least one column, got "date"'],
    ["date,a\n", "f has a header but no rows"],
    ["date,a\n1,2\n2,3,4\n", "f, line 3: 3 fields, and the header has 2"],
    ["date,a,b\n1,2,3\n2,3\n", "f, line 3: 2 fields, and the header has 3"],
    ["date,a,b\n1,2,x\n", 'f, line 2, column "b": "x" is not a number'],
    ["date,a,b\n1,2,\n", 'f, line 2, column "b": "" is not a number'],
    ["date,a\n1,NaN\n", 'f, line 2, column "a": "NaN" is not a number'],
    ["date,a\n1,0x10\n", 'f, line 2, column "a": "0x10" is not a number'],
    ["date,a\n1,1e39\n", 'f, line 2, column "a": "1e39" is not a number'],
    [`date,a\n1,${"9x".repeat(99)}\n`, `f, line 2, column "a": "${"9x".repeat(30)}…" is not a number`],
  ])("%j is refused", (text, sentence) => {
    expect(() => decodeSeries(text, "f")).toThrow(`gmnm: ${sentence}`);
  });

  test("named like a public one must be that one", () => {
    const text = "date,OT\n1,2\n";
    const folder = folderOf({ "ETTh1.csv": text, "mine.csv": text, "packed.csv.gz": gzipSync(text) });
    expect(() => readSeries(join(folder, "ETTh1.csv"))).toThrow(
      /ETTh1\.csv is not the file that was published: SHA-256 [0-9a-f]{64}, expected f18de3ad/,
    );
    expect(readSeries(join(folder, "ETTh1.csv"), { check: false }).columns).toEqual(["OT"]);
    expect(readSeries(join(folder, "mine.csv")).dates).toEqual(["1"]);
    expect(readSeries(join(folder, "packed.csv")).dates).toEqual(["1"]);
    expect(() => readSeries(join(folder, "none.csv"))).toThrow(/cannot read .*none\.csv: no such file/);
  });
});

describe("splits", () => {
  test("follow one another, and the later ones look back", () => {
    const series = counting(20);
    const { train, validation, test } = splitSeries(series, { train: 10, validation: 4, test: 5 }, { lookback: 3 });
    const ends = [train, validation, test].map(({ dates }) => [dates[0], dates.at(-1)]);
    expect(ends).toEqual([
      ["day 0", "day 9"],
      ["day 7", "day 13"],
      ["day 11", "day 18"],
    ]);
  });

  test("are scaled by the training part alone, and back", () => {
    const series = counting(20);
    const { train, test, scaler } = splitSeries(series, { train: 10, validation: 5, test: 5 }, { lookback: 0 });
    const deviation = Math.sqrt((10 ** 2 - 1) / 12); // of 0 … 9, whose mean is 4.5
    expect(train.values[0]).toBeCloseTo(-4.5 / deviation, 5);
    expect(test.values[2 * 4 + 1]).toBeCloseTo((-19 + 4.5) / deviation, 5);
    const mean = train.values.reduce((sum, value) => sum + value, 0);
    expect(mean).toBeCloseTo(0, 4);
    const back = scaler.invert({ data: test.values, shape: [5, 2] }).data;
    expect([...back].map((value) => Math.round(value * 1e4) / 1e4)).toEqual([...sliceSeries(series, 15, 20).values]);
    expect(series.values[2]).toBe(1); // the series itself keeps its own scale
  });

  test("have the sizes of the published code", () => {
    expect(ettHourly).toEqual({ train: 8640, validation: 2880, test: 2880 });
    expect(ettQuarterHourly).toEqual({ train: 34560, validation: 11520, test: 11520 });
    expect(sevenOneTwo(7588)).toEqual({ train: 5311, validation: 760, test: 1517 });
  });

  test("that the series has no rows for are refused", () => {
    const sizes = { train: 10, validation: 5, test: 6 };
    expect(() => splitSeries(counting(20), sizes, { lookback: 3 })).toThrow(
      "gmnm: the parts of the series need 21 rows, and it has 20",
    );
    expect(() => splitSeries(counting(21), sizes, { lookback: 11 })).toThrow(
      "gmnm: a lookback of 11 rows is longer than the training part of 10",
    );
  });
});

describe("windows", () => {
  test("are every stretch, and the target begins where the input ends", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 6 }),
        fc.nat(10),
        (lookback, horizon, more) => {
          const data = windows(counting(lookback + horizon + more), { lookback, horizon });
          expect(data.rows).toBe(more + 1);
          const starts = [data.rows - 1, 0, data.rows - 1];
          const { x, y } = data.take(starts);
          expect([x.shape, y.shape]).toEqual([
            [3, lookback, 2],
            [3, horizon, 2],
          ]);
          starts.forEach((start, i) => {
            const input = [...x.data.subarray(i * lookback * 2, (i + 1) * lookback * 2)];
            const target = [...y.data.subarray(i * horizon * 2, (i + 1) * horizon * 2)];
            const expected = Array.from({ length: lookback + horizon }, (_, j) => [start + j, 0 - (start + j)]).flat();
            expect([...input, ...target].map((value) => value + 0)).toEqual(expected);
          });
        },
      ),
    );
  });

  test("longer than the series, or of no length, are refused", () => {
    expect(() => windows(counting(9), { lookback: 6, horizon: 4 })).toThrow(
      "gmnm: a window of 6 + 4 rows does not fit into a series of 9",
    );
    expect(() => windows(counting(9), { lookback: 6, horizon: 0 })).toThrow(
      "gmnm: horizon of windows must be a whole number of at least 1, got 0",
    );
  });
});

const ett = realData && join(realData, "ett", "ETTh1.csv");
const there = ett !== undefined && existsSync(ett);
test.skipIf(!there)(`ETTh1 has the splits of the forecasting papers${whySkipped(there)}`, () => {
  const series = readSeries(ett!);
  expect([series.dates.length, series.columns.join()]).toEqual([17420, "HUFL,HULL,MUFL,MULL,LUFL,LULL,OT"]);
  const { train, validation, test } = splitSeries(series, ettHourly, { lookback: 96 });
  const counts = [train, validation, test].map((part) => windows(part, { lookback: 96, horizon: 24 }).rows);
  expect(counts).toEqual([8521, 2857, 2857]);
  expect(test.dates[96]).toBe("2017-10-24 00:00:00");
});
