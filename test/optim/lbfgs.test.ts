import { describe, expect, test } from "vitest";
import {
  descentDirection,
  dot,
  type Evaluate,
  type LbfgsState,
  lbfgs,
  lbfgsIterations,
} from "../../src/optim/lbfgs.ts";
import { lineSearch } from "../../src/optim/line-search.ts";
import { Random } from "../../src/random.ts";
import { type Block, fixture } from "../golden.ts";
import { relativeError } from "../gradients.ts";
import { quadratic } from "./quadratic.ts";

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

test.each([
  [{ memory: 0 }, "memory must be a whole number above 0, got 0"],
  [{ memory: 1.5 }, "memory must be a whole number above 0, got 1.5"],
  [{ gradientTolerance: -1 }, "gradientTolerance must be a number from 0, got -1"],
  [{ gradientTolerance: Number.NaN }, "gradientTolerance must be a number from 0, got NaN"],
])("%o is refused", (options, sentence) => {
  expect(() => lbfgs(options)).toThrow(`gmnm: ${sentence}`);
});

test("goes on from any iteration as if it had never ended", async () => {
  const whole: Float64Array[] = [];
  const states: LbfgsState[] = [];
  const options = lbfgs({ memory: 3 });
  for await (const { pairs, ...found } of lbfgsIterations(rosenbrock, Float64Array.of(-1.2, 1, 0.5), options)) {
    whole.push(found.x);
    states.push({ ...found, pairs: [...pairs] });
  }
  expect(whole.length).toBeGreaterThan(10);
  for (const [i, state] of states.entries()) {
    const rest: Float64Array[] = [];
    for await (const { x } of lbfgsIterations(rosenbrock, state, options)) rest.push(x);
    expect(rest).toEqual(whole.slice(i + 1));
  }
});
