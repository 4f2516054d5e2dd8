import { expect, test } from "vitest";
import { describeTable } from "../../src/table/describe.ts";
import { fitPreprocessing } from "../../src/table/fit.ts";
import { inputWarnings } from "../../src/table/input-warnings.ts";
import { parseTable } from "../../src/table/read-csv.ts";

test("every column in a few numbers", () => {
  const table = parseTable(
    "n,c,d,same,none\n1,b,2000-01-01,7,\n2,a,2000-01-03,7,\n3,b,,7,\n4,,2000-01-02,7,\n,b,2000-01-02,7,\n",
  );
  expect(describeTable(table)).toEqual([
    {
      name: "n",
      kind: "number",
      missing: 1,
      distinct: 4,
      numbers: { mean: 2.5, sd: expect.closeTo(Math.sqrt(1.25), 9), min: 1, q1: 1.75, median: 2.5, q3: 3.25, max: 4 },
    },
    {
      name: "c",
      kind: "category",
      missing: 1,
      distinct: 2,
      top: [
        { level: "b", rows: 3 },
        { level: "a", rows: 1 },
      ],
    },
    {
      name: "d",
      kind: "date",
      missing: 1,
      distinct: 3,
      numbers: { mean: 1, sd: expect.closeTo(Math.sqrt(0.5), 9), min: 0, q1: 0.75, median: 1, q3: 1.25, max: 2 },
    },
    {
      name: "same",
      kind: "ignored",
      reason: "it is 7 in all rows",
      missing: 0,
      distinct: 1,
      numbers: { mean: 7, sd: 0, min: 7, q1: 7, median: 7, q3: 7, max: 7 },
    },
    { name: "none", kind: "ignored", reason: "all values are missing", missing: 5, distinct: 0 },
  ]);
  expect(describeTable(table, Uint32Array.of(0, 1))[0]).toMatchObject({ missing: 0, distinct: 2, numbers: { max: 2 } });
});

test("what in a file is unlike the training has a sentence per column", () => {
  const { preprocessing } = fitPreprocessing(parseTable("a,c,y\n0,x,0.5\n2,z,1.5\n"), { target: ["y"] });
  const table = parseTable("a,c\n7,x\n7.1,w\n,w\n-6,\nred,u\n", { source: "new.csv" });
  expect(inputWarnings(table, preprocessing)).toEqual([
    'new.csv, column "a": 2 values more than 6 standard deviations from the mean of the training',
    'new.csv, column "a": 1 value missing, which training never saw; 1 stands in',
    'new.csv, line 6, column "a": "red" is not a number; taken as missing',
    'new.csv, column "c": 3 values that training did not tell apart, such as "w", "u"',
  ]);
  expect(inputWarnings(parseTable("a,c\n1,x\n", { header: true }), preprocessing)).toEqual([]);
});
