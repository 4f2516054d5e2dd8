import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { dot, type Evaluate } from "../../src/optim/lbfgs.ts";
import { lineSearch } from "../../src/optim/line-search.ts";
import { quadratic } from "./quadratic.ts";

describe("the line search", () => {
  /** Σ aᵢ cos(wᵢ t + pᵢ) + c t²/2 + q t⁴ along a line: wavy, but bounded below. */
  const functions = fc.record({
    waves: fc.array(
      fc.record({
        amplitude: fc.double({ min: -2, max: 2, noNaN: true }),
        frequency: fc.double({ min: 0.1, max: 4, noNaN: true }),
        phase: fc.double({ min: 0, max: 6, noNaN: true }),
      }),
      { maxLength: 3 },
    ),
    curvature: fc.double({ min: 0.05, max: 20, noNaN: true }),
    quartic: fc.double({ min: 0, max: 1, noNaN: true }),
    start: fc.double({ min: -5, max: 5, noNaN: true }),
    firstStep: fc.double({ min: 1e-3, max: 30, noNaN: true }),
  });

  // The slope steepens at first: the cubic through the first small steps has its minimum behind them, and the steps must grow none the less.
  const bendsDownwards = {
    waves: [{ amplitude: -0.01904208129525623, frequency: 2.068969042731041, phase: 5.616481934572975 }],
    curvature: 1.4876282639863512,
    quartic: 0,
    start: -4.984355926396645,
    firstStep: 0.001,
  };

  test("finds a step that meets the strong Wolfe conditions", async () => {
    await fc.assert(
      fc.asyncProperty(functions, async ({ waves, curvature, quartic, start, firstStep }) => {
        const evaluate: Evaluate = ([x, y]) => {
          let value = (curvature * x * x) / 2 + quartic * x ** 4 + y * y;
          let slope = curvature * x + 4 * quartic * x ** 3;
          for (const { amplitude, frequency, phase } of waves) {
            value += amplitude * Math.cos(frequency * x + phase);
            slope -= amplitude * frequency * Math.sin(frequency * x + phase);
          }
          return { value, gradient: Float64Array.of(slope, 2 * y) };
        };
        const x = Float64Array.of(start, 1);
        const origin = await evaluate(x);
        fc.pre(Math.abs(origin.gradient[0]) > 1e-3);
        const direction = origin.gradient.map((g) => -g);
        const slope0 = dot(origin.gradient, direction);
        const found = (await lineSearch(evaluate, x, origin, direction, firstStep))!;
        const t = (found.x[0] - x[0]) / direction[0];
        expect(t).toBeGreaterThan(0);
        expect(found.value).toBeLessThanOrEqual(origin.value + 1e-4 * t * slope0 + 1e-12);
        expect(Math.abs(dot(found.gradient, direction))).toBeLessThanOrEqual(0.9 * Math.abs(slope0) + 1e-12);
        const again = await evaluate(found.x);
        expect([found.value, ...found.gradient]).toEqual([again.value, ...again.gradient]);
      }),
      { numRuns: 300, examples: [[bendsDownwards]] },
    );
  });

  test("takes the first step when it will do, with one evaluation", async () => {
    const evaluate = quadratic([1]);
    const x = Float64Array.of(2);
    const found = await lineSearch(evaluate, x, await evaluate(x), Float64Array.of(-2), 1);
    expect(found).toMatchObject({ evaluations: 1, value: 0 });
  });

  test("reaches a minimum a million first steps away", async () => {
    const evaluate = quadratic([1]);
    const x = Float64Array.of(1e6);
    const found = (await lineSearch(evaluate, x, await evaluate(x), Float64Array.of(-1), 1))!;
    expect(Math.abs((await evaluate(found.x)).gradient[0])).toBeLessThan(0.9e6);
  });

  test("gives up on a function without a lower bound after its budget, with the best step", async () => {
    const evaluate: Evaluate = ([x]) => ({ value: -x, gradient: Float64Array.of(-1) });
    const found = (await lineSearch(
      evaluate,
      Float64Array.of(0),
      await evaluate(Float64Array.of(0)),
      Float64Array.of(1),
      1,
    ))!;
    expect(found.evaluations).toBeLessThanOrEqual(25);
    expect(found.value).toBeLessThan(-1);
  });
});
