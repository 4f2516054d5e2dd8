import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { duration, names, share, shareOrFile, wholeNumber } from "../../src/cli/parse.ts";

describe("options", () => {
  it.each([
    ["90", 90],
    ["90s", 90],
    ["1.5m", 90],
    ["2 min", 120],
    ["1h", 3600],
    [".5s", 0.5],
  ])("%s is %d seconds", (text, seconds) => expect(duration("--time-budget")(text)).toBe(seconds));

  it.each(["", "s", "-1s", "0", "1d", "1e3", "Infinity", "1 2"])("%j is no time", (text) =>
    expect(() => duration("--time-budget")(text)).toThrow(
      `--time-budget must be a time such as 60s, 5m or 1h, got ${text}`,
    ),
  );

  it("shares are written with a per cent sign or as a number", () => {
    expect([share("--x")("1%"), share("--x")("0.25"), share("--x")(" 5 % "), share("--x")("0")]).toEqual([
      0.01, 0.25, 0.05, 0,
    ]);
    expect(() => share("--x")("-1%")).toThrow("--x must be a share such as 1% or 0.01, got -1%");
  });

  it("a test is a share of the rows or a file", () => {
    expect(shareOrFile("20%")).toBe(0.2);
    expect(shareOrFile("0.1")).toBe(0.1);
    expect(shareOrFile("test.csv")).toBe("test.csv");
    expect(shareOrFile("./20")).toBe("./20");
    for (const text of ["0", "1", "100%", "3"]) expect(() => shareOrFile(text)).toThrow("between 0 and 1");
  });

  it("whole numbers are whole, and not below the least", () => {
    expect(wholeNumber("--seed", 0)("0")).toBe(0);
    for (const text of ["0", "-1", "1.5", "", " ", "x", "1e400", "9007199254740993"]) {
      expect(() => wholeNumber("--n")(text)).toThrow("--n must be a whole number of at least 1");
    }
  });

  it("names that are listed are read back, commas and all", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc
            .stringMatching(/^[a-z ,]{0,8}[a-z]$/)
            .map((name) => name.trim())
            .filter((name) => name !== "" && !name.startsWith(",")),
        ),
        (list) => {
          expect(names(list.map((name) => name.replaceAll(",", "\\,")).join(", "))).toEqual(list);
        },
      ),
    );
  });
});
