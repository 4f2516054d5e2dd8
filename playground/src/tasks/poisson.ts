// Poisson's equation ∇²u = −2π² sin πx sin πy on [−1, 1]² with u = 0 on the boundary. No value of u is given: only the equation.
import { Random, type Tensor } from "../gmnm.ts";
import type { State } from "../state/state.ts";
import { column, gridOf, type Problem, plainAxes, pointsOf, type View } from "./problem.ts";

const { PI, sin } = Math;
const solution = (x: number, y: number) => sin(PI * x) * sin(PI * y);
const BOUNDARY_POINTS_PER_SIDE = 20;
const TEST_POINTS = 1024;

/** Points inside at which the equation must hold, and points of the boundary. */
export function poissonProblem(state: State): Problem {
  const random = new Random(state.seed);
  const points = (n: number): Tensor => ({
    data: Float32Array.from({ length: 2 * n }, () => random.uniform(-1, 1)),
    shape: [n, 2],
  });
  const solutionAt = ({ data, shape: [n] }: Tensor) =>
    Float32Array.from({ length: n }, (_, i) => solution(data[2 * i], data[2 * i + 1]));
  const interior = points(state.points);
  const sides = [-1, 1].flatMap((end) => [(t: number) => [end, t], (t: number) => [t, end]]);
  const edge = sides.flatMap((side) =>
    Array.from({ length: BOUNDARY_POINTS_PER_SIDE }, () => side(random.uniform(-1, 1))).flat(),
  );
  const boundary = { data: Float32Array.from(edge), shape: [edge.length / 2, 2] };
  const test = points(TEST_POINTS);
  const view: View = { kind: "plane", axes: plainAxes(), range: [-1, 1], points: pointsOf(interior, () => 0) };
  return {
    inFeatures: 2,
    outFeatures: 1,
    loss: "poisson",
    data: { interior, boundary, source: column(solutionAt(interior).map((u) => -2 * PI * PI * u)) },
    sample: interior,
    test: { x: test, y: column(solutionAt(test)) },
    view: { ...view, target: solutionAt(gridOf(view)!) },
  };
}
