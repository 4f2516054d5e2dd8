import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FormulaError, formulaNames, parseFormula } from "../../playground/src/tasks/formula.ts";

const at = (text: string, x = 0, y = 0) => parseFormula(text, ["x", "y"]).at(x, y);

describe("a formula", () => {
  test.each([
    ["1 + 2 * 3", 7],
    ["(1 + 2) * 3", 9],
    ["2^3^2", 512],
    ["-2^2", -4],
    ["(-2)^2", 4],
    ["2^-1", 0.5],
    ["2*-3", -6],
    ["10 - 4 - 3", 3],
    ["8 / 4 / 2", 1],
    ["2 * 3^2", 18],
    ["+5", 5],
    [".5 + 1e-1", 0.6],
    ["2**3", 8],
    ["sin(pi / 2)", 1],
    ["cos(π)", -1],
    ["max(2, 3) - min(2, 3)", 1],
    ["abs(-2) + sqrt(9)", 5],
    ["x*x − y · 2", 5],
    ["log(e)", 1],
    ["gauss(0) + step(x)", 2],
    ["-x^2", -9],
    ["sin(x)^2 + cos(x)^2", 1],
  ])("%s", (text, value) => {
    expect(at(text, 3, 2)).toBeCloseTo(value, 12);
  });

  test.each([
    ["", "there is no formula"],
    ["  ", "there is no formula"],
    ["z", "there is no z; the variables are x and y"],
    ["sin", "sin needs brackets: sin(x)"],
    ["sinus(x)", "there is no function sinus"],
    ["max(1)", "max takes 2 numbers, got 1"],
    ["x y", "there is an operator missing"],
    ["'a'", 'a formula has numbers, not "a"'],
    ["x.constructor", "a formula has numbers, variables, functions and + − * / ^ only"],
    ["x['constructor']('return 1')()", "only functions by name can be called"],
    ["(x.constructor)(1)", "only functions by name can be called"],
    ["constructor(1)", "there is no function constructor"],
    ["__proto__", "there is no __proto__"],
    ["toString", "there is no toString"],
    ["this", "numbers, variables, functions"],
    ["[1, 2]", "numbers, variables, functions"],
    ["x = 2", "not a formula"],
    ["x > 1 ? 2 : 3", "not a formula"],
    ["(x", "not a formula"],
    ["x +", "not a formula"],
    ["2^", "there is nothing after ^"],
    ["alert(1)", "there is no function alert"],
    ["x;y", "there is an operator missing"],
    ["9".repeat(201), "at most 200 characters, this one has 201"],
  ])("%j is refused in one sentence", (text, message) => {
    expect(() => at(text)).toThrow(FormulaError);
    expect(() => at(text)).toThrow(message);
  });

  test("a variable that there is not is refused", () => {
    expect(() => parseFormula("x + y", ["x"])).toThrow("there is no y; the variables are x");
  });

  // What is written and what it means, side by side.
  const { tree } = fc.letrec<{ tree: { text: string; value: (x: number, y: number) => number } }>((tie) => ({
    tree: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      fc.constantFrom({ text: "x", value: (x: number) => x }, { text: "y", value: (_: number, y: number) => y }),
      fc.nat({ max: 99 }).map((n) => ({ text: String(n), value: () => n })),
      fc.tuple(fc.constantFrom("+", "-", "*", "/"), tie("tree"), tie("tree")).map(([sign, a, b]) => ({
        text: `(${a.text}${sign}${b.text})`,
        value: (x: number, y: number) => {
          const [u, v] = [a.value(x, y), b.value(x, y)];
          return sign === "+" ? u + v : sign === "-" ? u - v : sign === "*" ? u * v : u / v;
        },
      })),
      fc.tuple(fc.constantFrom("sin", "exp", "abs"), tie("tree")).map(([name, a]) => ({
        text: `${name}( ${a.text} )`,
        value: (x: number, y: number) => Math[name as "sin"](a.value(x, y)),
      })),
      tie("tree").map((a) => ({ text: `-${a.text}`, value: (x: number, y: number) => -a.value(x, y) })),
    ),
  }));

  test("means what it says", () => {
    fc.assert(
      fc.property(
        tree,
        fc.double({ min: -1, max: 1, noNaN: true }),
        fc.double({ min: -1, max: 1, noNaN: true }),
        (given, x, y) => {
          fc.pre(given.text.length <= 200);
          expect(at(given.text, x, y)).toBe(given.value(x, y));
        },
      ),
    );
  });

  test("whatever is typed gives a number or a sentence, and never reaches what it should not", () => {
    const words = fc.constantFrom(
      ...formulaNames,
      "x",
      "y",
      "(",
      ")",
      "^",
      "*",
      "-",
      ".",
      ",",
      "constructor",
      "globalThis",
      "[",
      "]",
      "'",
      "`",
      "=>",
      "?",
      ":",
      " ",
      "1e999",
      "=",
    );
    const typed = fc.oneof(
      fc.string({ maxLength: 60 }),
      fc.array(words, { maxLength: 30 }).map((parts) => parts.join("")),
    );
    fc.assert(
      fc.property(typed, (text) => {
        try {
          expect(typeof at(text, 0.3, -0.2)).toBe("number");
        } catch (error) {
          expect(error).toBeInstanceOf(FormulaError);
          expect((error as Error).message).not.toContain("\n");
        }
      }),
      { numRuns: 1000, examples: [['"\n']] },
    );
  });
});
