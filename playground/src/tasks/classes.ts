// Two classes of points in the plane, as they are known from other playgrounds.
import { Random } from "../gmnm.ts";
import type { State } from "../state/state.ts";
import { column, type Problem, plainAxes, pointsOf } from "./problem.ts";

type Point = readonly [x: number, y: number];
const { PI, cos, sin, sqrt } = Math;

/** A point of the i-th of two classes. */
const shapes: Record<State["shape"], (random: Random, label: number) => Point> = {
  circle(random, label) {
    const radius = label ? 0.45 * sqrt(random.uniform()) : random.uniform(0.6, 0.9);
    const angle = random.uniform(0, 2 * PI);
    return [radius * cos(angle), radius * sin(angle)];
  },
  spiral(random, label) {
    const t = sqrt(random.uniform(0.01, 1));
    const angle = 1.75 * t * 2 * PI + label * PI;
    return [0.9 * t * sin(angle), 0.9 * t * cos(angle)];
  },
  moons(random, label) {
    const angle = random.uniform(0, PI);
    const [x, y] = label ? [1 - cos(angle), 0.5 - sin(angle)] : [cos(angle), sin(angle)];
    return [0.58 * (x - 0.5), 0.58 * (y - 0.25)];
  },
  xor(random, label) {
    const [x, y] = [random.uniform(0.06, 0.9), random.uniform(0.06, 0.9)];
    const sign = random.uniform() < 0.5 ? 1 : -1;
    return [sign * x, (label ? sign : -sign) * y];
  },
};

/** How far noise 1 moves a point. */
const NOISE = 0.3;
const TEST_POINTS = 512;

/** Points with a class each, half of them of either. */
export function classesProblem(state: State): Problem {
  const random = new Random(state.seed);
  const draw = (n: number) => {
    const x = new Float32Array(2 * n);
    const y = Float32Array.from({ length: n }, (_, i) => i % 2);
    for (let i = 0; i < n; i++) {
      const point = shapes[state.shape](random, y[i]);
      for (let j = 0; j < 2; j++)
        x[2 * i + j] = point[j] + (state.noise > 0 ? NOISE * state.noise * random.gaussian() : 0);
    }
    return { x: { data: x, shape: [n, 2] }, y: column(y) };
  };
  const [data, test] = [draw(state.points), draw(TEST_POINTS)];
  return {
    inFeatures: 2,
    outFeatures: 1,
    loss: "logistic",
    data,
    sample: data.x,
    test,
    view: {
      kind: "plane",
      axes: plainAxes(),
      range: [-1, 1],
      points: pointsOf(data.x, (row) => 2 * data.y.data[row] - 1),
      classes: ["blue", "orange"],
    },
  };
}
