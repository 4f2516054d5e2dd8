// Functions of two numbers on [−1, 1]², and curves of one.
import { GmnmError, Random, targetFunctions } from "../gmnm.ts";
import type { State } from "../state/state.ts";
import { type Formula, parseFormula } from "./formula.ts";
import { formulaOf } from "./formula-names.ts";
import { column, gridOf, type Problem, plainAxes, plainAxis, pointsOf, rangeOf, type View } from "./problem.ts";

const { PI, sin, tanh, exp } = Math;

/** Functions by name that the library's suite does not have. */
const more: Record<string, (x: number, y: number) => number> = {
  waves: (x, y) => sin(2 * PI * x) * sin(2 * PI * y),
};

const curves: Record<string, (x: number) => number> = {
  chirp: (x) => sin(12 * x * x),
  bumps: (x) =>
    exp(-(((x + 0.6) / 0.12) ** 2)) - 0.8 * exp(-(((x - 0.05) / 0.2) ** 2)) + 0.6 * exp(-(((x - 0.7) / 0.07) ** 2)),
  step: (x) => tanh(20 * x),
};

/** Numbers the test error is measured on. */
const TEST_POINTS = 1024;

/** The function that a state asks for, and its name. @throws FormulaError */
export function functionOf(state: Pick<State, "fn" | "formula">): Formula {
  if (state.fn === "formula") return parseFormula(state.formula, ["x", "y"]);
  const known = targetFunctions[state.fn];
  const at = more[state.fn] ?? ((x: number, y: number) => known.at(Float32Array.of(x, y)));
  return { text: formulaOf(state.fn), at };
}

/** The curve that a state asks for. @throws FormulaError */
export function curveOf(state: Pick<State, "curve" | "formula1">): Formula {
  if (state.curve === "formula") return parseFormula(state.formula1, ["x"]);
  return { text: formulaOf(state.curve), at: curves[state.curve] };
}

/** A function of two numbers to learn from points. Noise is in standard deviations of the function. @throws FormulaError, GmnmError */
export function functionProblem(state: State): Problem {
  const view: View = { kind: "plane", axes: plainAxes(), range: [0, 1], points: new Float32Array() };
  return sampled(state, functionOf(state), view, 2);
}

/** A curve to learn from points. @throws FormulaError, GmnmError */
export function curveProblem(state: State): Problem {
  return sampled(
    state,
    curveOf(state),
    { kind: "line", axis: plainAxis("x"), range: [0, 1], points: new Float32Array() },
    1,
  );
}

function sampled(state: State, { text, at }: Formula, view: View & { kind: "plane" | "line" }, d: number): Problem {
  const valueAt = (x: Float32Array, i: number) => finite(text, at, x.subarray(i * d, (i + 1) * d));
  const valuesAt = (x: Float32Array) => Float32Array.from({ length: x.length / d }, (_, i) => valueAt(x, i));
  const target = valuesAt(gridOf(view)!.data);
  const range = rangeOf(target);
  if (range[1] - range[0] > 1e4)
    throw new GmnmError(
      `${text} goes from ${show(range[0])} to ${show(range[1])} on [−1, 1]: too steep to learn; scale it down`,
    );
  const random = new Random(state.seed);
  const points = (n: number) => Float32Array.from({ length: n * d }, () => random.uniform(-1, 1));
  const x = points(state.points);
  const exact = valuesAt(x);
  const spread = deviation(target);
  const y = exact.map((value) => value + (state.noise > 0 ? state.noise * spread * random.gaussian() : 0));
  const test = points(TEST_POINTS);
  const sample = { data: x, shape: [state.points, d] };
  return {
    inFeatures: d,
    outFeatures: 1,
    loss: "mse",
    data: { x: sample, y: column(y) },
    sample,
    test: { x: { data: test, shape: [TEST_POINTS, d] }, y: column(valuesAt(test)) },
    view: { ...view, target, range, points: pointsOf(sample, (row) => y[row]) },
  };
}

/** The value at a point, or a sentence that says where there is none. */
function finite(text: string, at: Formula["at"], point: Float32Array): number {
  const value = at(...point);
  if (Number.isFinite(value)) return value;
  const where = ["x", "y"].slice(0, point.length).map((name, i) => `${name} = ${show(point[i])}`);
  throw new GmnmError(`${text} is ${value} at ${where.join(", ")}; it must be a number everywhere from −1 to 1`);
}

const show = (value: number) => Number(value.toPrecision(3)).toString().replace("-", "−");

function deviation(values: Float32Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}
