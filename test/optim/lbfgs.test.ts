import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { descentDirection, dot, type Evaluate, lbfgs, lbfgsIterations } from "../../src/optim/lbfgs.ts";
import { lineSearch } from "../../src/optim/line-search.ts";
import { Random } from "../../src/random.ts";
import { type Block, fixture } from "../golden.ts";
import { relativeError } from "../gradients.ts";

type Golden = {
  lbfgs: { s: Block; y: Block; gradient: Block; directionFromGamma: Block }[];
  rosenbrock: { start: number[]; startObjective: number; objective: number; iterations: number; evaluations: number }[];
};
const golden = fixture<Golden>("optim");

/** Runs to the end; counts evaluations. */
async function run(evaluate: Evaluate, start: ArrayLike<number>, { options = lbfgs(), most = 1000 } = {}) {
  let evaluations = 0;
  const counted: Evaluate = (x) => {
    evaluations++;
    return evaluate(x);
  };
  const x0: Float64Array = Float64Array.from(start);
  let [x, value] = [x0, (await evaluate(x0)).value];
  const values = [value];
  for await (const found of lbfgsIterations(counted, x0, options)) {
    ({ x, value } = found);
    values.push(value);
    if (values.length > most) break;
  }
  return { x, value, values, iterations: values.length - 1, evaluations };
}

const rosenbrock: Evaluate = (x) => {
  const gradient = new Float64Array(x.length);
  let value = 0;
  for (let i = 0; i + 1 < x.length; i++) {
    const [rise, rest] = [x[i + 1] - x[i] ** 2, 1 - x[i]];
    value += 100 * rise ** 2 + rest ** 2;
    gradient[i] += -400 * x[i] * rise - 2 * rest;
    gradient[i + 1] += 200 * rise;
  }
  return { value, gradient };
};

/** ½ xᵀ A x with A = Q diag(eigenvalues) Qᵀ, Q a random reflection. */
function quadratic(eigenvalues: number[], seed = 1): Evaluate {
  const axis = Float64Array.from(new Random(seed).normal([eigenvalues.length]).data);
  const scale = 2 / dot(axis, axis);
  const reflect = (x: Float64Array) => {
    const along = scale * dot(axis, x);
    return x.map((value, i) => value - along * axis[i]);
  };
  return (x) => {
    const gradient = reflect(reflect(x).map((value, i) => value * eigenvalues[i]));
    return { value: dot(x, gradient) / 2, gradient };
  };
}

describe("the direction", () => {
  test.each(golden.lbfgs.map((c) => [`${c.s.shape[0]} pairs in ${c.s.shape[1]} dimensions`, c] as const))(
    "%s: agrees with SciPy's dense inverse Hessian",
    (_, { s, y, gradient, directionFromGamma }) => {
      const [pairs, n] = s.shape;
      const row = ({ data }: Block, i: number) => Float64Array.from(data.slice(i * n, (i + 1) * n));
      const history = Array.from({ length: pairs }, (_, i) => {
        const [step, change] = [row(s, i), row(y, i)];
        return { step, change, curvature: dot(step, change) };
      });
      const direction = descentDirection(Float64Array.from(gradient.data), history);
      expect(relativeError(direction, directionFromGamma.data)).toBeLessThan(1e-9);
    },
  );

  test("is the steepest descent without a history", () => {
    expect(descentDirection(Float64Array.of(1, -2), [])).toEqual(Float64Array.of(-1, 2));
  });
});

describe("Rosenbrock's valley", () => {
  test.each(golden.rosenbrock.map((c) => [c.start.length, c] as const))(
    "in %d variables: SciPy's minimum in at most half more evaluations",
    async (_, { start, startObjective, evaluations }) => {
      const found = await run(rosenbrock, start);
      expect(found.values[0]).toBeCloseTo(startObjective, 9);
      expect(found.value).toBeLessThan(1e-17);
      expect(
        relativeError(
          found.x,
          start.map(() => 1),
        ),
      ).toBeLessThan(1e-8);
      expect(found.evaluations).toBeLessThan(1.5 * evaluations);
      for (let i = 1; i < found.values.length; i++) expect(found.values[i]).toBeLessThan(found.values[i - 1]);
    },
  );
});

describe("quadratics", () => {
  test.each([1, 2, 5, 10])("in %d dimensions: converges in few more iterations than dimensions", async (n) => {
    const eigenvalues = Array.from({ length: n }, (_, i) => 1 + i);
    const found = await run(quadratic(eigenvalues), new Random(2).normal([n]).data);
    expect(found.value).toBeLessThan(1e-16);
    expect(found.iterations).toBeLessThanOrEqual(2 * n + 8);
  });

  test("of condition 10⁶ converge too", async () => {
    const found = await run(quadratic([1e-3, 1, 1e3]), [1, 1, 1]);
    expect(found.value).toBeLessThan(1e-14);
    expect(found.iterations).toBeLessThan(60);
  });

  test("a memory of one pair still converges", async () => {
    const found = await run(quadratic([1, 2, 3, 4, 5]), [1, 2, 3, 4, 5], { options: lbfgs({ memory: 1 }) });
    expect(found.value).toBeLessThan(1e-16);
  });
});

describe("the end", () => {
  test("a converged start returns at once", async () => {
    const found = await run(rosenbrock, [1, 1]);
    expect(found).toMatchObject({ iterations: 0, evaluations: 1 });
  });

  test("stops at the tolerance asked for", async () => {
    const rough = await run(rosenbrock, [-1.2, 1], { options: lbfgs({ gradientTolerance: 1e-2 }) });
    const fine = await run(rosenbrock, [-1.2, 1]);
    expect(rough.iterations).toBeLessThan(fine.iterations);
    expect(Math.max(...(await rosenbrock(rough.x)).gradient.map(Math.abs))).toBeLessThanOrEqual(1e-2);
  });

  test("a value that rounding hides the slope of ends the run", async () => {
    const found = await run(
      (x) => {
        const { value, gradient } = quadratic([1, 4])(x) as Awaited<ReturnType<Evaluate>>;
        return { value: Math.fround(1 + value), gradient: gradient.map(Math.fround) };
      },
      [1, 1],
    );
    expect(found.value).toBe(1);
    expect(found.iterations).toBeLessThan(30);
  });

  test("a gradient that points uphill ends the run", async () => {
    const found = await run((x) => ({ value: x[0] ** 2, gradient: Float64Array.of(-2 * x[0]) }), [1]);
    expect(found.iterations).toBe(0);
  });
});

describe("numbers that are not finite", () => {
  const beyond = (limit: number, value: number, slope: number): Evaluate => {
    // −log(1 − x) − 2x: minimum at x = ½, undefined from 1 on.
    return ([x]) =>
      x < limit
        ? { value: -Math.log(1 - x) - 2 * x, gradient: Float64Array.of(1 / (1 - x) - 2) }
        : { value, gradient: Float64Array.of(slope) };
  };

  test.each([
    ["NaN", Number.NaN, Number.NaN],
    ["an infinity", Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
    ["minus infinity", Number.NEGATIVE_INFINITY, 1],
    ["a gradient of NaN at a low value", -1e9, Number.NaN],
  ])("%s is stepped back from", async (_, value, slope) => {
    const start = Float64Array.of(-30);
    const wild = beyond(1, value, slope);
    const found = await lineSearch(wild, start, await wild(start), Float64Array.of(1), 100);
    expect(found!.x[0]).toBeLessThan(1);
    expect((await run(wild, start)).x[0]).toBeCloseTo(0.5, 6);
  });

  test("everywhere but at the start: no step, no endless loop", async () => {
    const found = await run(
      (x) => {
        const value = x[0] === 3 ? 1 : Number.NaN;
        return { value, gradient: Float64Array.of(value) };
      },
      [3],
    );
    expect(found).toMatchObject({ value: 1, iterations: 0 });
    expect(found.evaluations).toBeLessThan(30);
  });
});

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
      { numRuns: 300 },
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

test.each([
  [{ memory: 0 }, "memory must be a whole number above 0, got 0"],
  [{ memory: 1.5 }, "memory must be a whole number above 0, got 1.5"],
  [{ gradientTolerance: -1 }, "gradientTolerance must be a number from 0, got -1"],
  [{ gradientTolerance: Number.NaN }, "gradientTolerance must be a number from 0, got NaN"],
])("%o is refused", (options, sentence) => {
  expect(() => lbfgs(options)).toThrow(`gmnm: ${sentence}`);
});
