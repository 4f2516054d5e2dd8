import { describe, expect, test } from "vitest";
import { parseTable } from "../../src/table/read-csv.ts";

describe("a header is found", () => {
  const namesOf = (text: string) => parseTable(text).columns.map(({ name }) => name);
  test.each([
    ["words above dates and numbers, numbers above most", "date,0,1,2,OT\n2020-01-01,1,2,3,4\n2020-01-02,5,6,7,8\n"],
    ["as many numbers as words", "id,7\n1,2\n2,5\n"],
    ["fractions, as of wavelengths", "sample,350.5,351.5,352.5\n1,0.2,0.3,0.1\n2,0.5,0.1,0.7\n"],
    ["years in a row", "name,2019,2020\nBonn,1,2\nGraz,3,4\n"],
    ["years backwards, some of which are among the values", "2021,2020,2019\n1900,5,6\n7,8,9\n4,5,6\n"],
    ["dates above numbers", "name,2019-01,2019-02\nBonn,1,2\nGraz,3,4\n"],
    ["numbers above dates", "0,1\n2020-01-01,a\n2020-01-02,b\n"],
    ["words above words that are others", "name,city\nAnn,Bonn\nBob,Graz\n"],
  ])("%s", (_, text) => {
    expect(namesOf(text)).toEqual(text.slice(0, text.indexOf("\n")).split(","));
  });

  test.each([
    ["numbers, and a word that fits among words", "5.1,3.5,setosa\n4.9,3,setosa\n7,3.2,virginica\n"],
    [
      "a word among numbers, and one that comes again below",
      "5.1,n.d.,3.5,setosa\n4.9,3,1,setosa\n7,3.2,4,virginica\n",
    ],
    ["a word among numbers, two of which are equal", "0,0,1,n.d.\n1,0,2,5\n0,1,1,7\n"],
    ["numbers that count", "Bonn,1,2\nGraz,5,7\n"],
    ["years among years", "Bonn,2019,2020\nGraz,2013,2014\nRom,7,8\n"],
    ["years that do not follow each other", "Bonn,1990,2020\nGraz,5,7\n"],
    ["one year", "Bonn,2019\nGraz,5\n"],
    ["years, and a number that is none", "Bonn,2019,2020,7\nGraz,5,7,9\n"],
    ["dates and numbers", "2020-01-01,1\n2020-01-02,2\n"],
    ["words that come again below", "Ann,Bonn\nBob,Graz\nCid,Bonn\n"],
    ["words, two of which are equal", "Bonn,Bonn\nRom,Graz\n"],
  ])("not in %s", (_, text) => {
    const table = parseTable(text);
    expect(table.columns.map(({ name }) => name)).toEqual(table.columns.map((_column, j) => `column ${j + 1}`));
    expect(table.rows).toBe(text.split("\n").length - 1);
  });
});
