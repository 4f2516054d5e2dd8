// Solve ∇²u = −2π² sin πx sin πy on [−1, 1]² with u = 0 on the boundary, from the equation alone: nobody tells the model what u is.
// The exact solution, u = sin πx sin πy, only measures the error. Run it with: npm run example examples/02-solve-poisson.ts
import {
  type AnyLayer,
  gmnm,
  initialParams,
  laplacian,
  lbfgs,
  minimize,
  np,
  type Objective,
  predict,
  Random,
  ready,
  relativeL2,
  type Tensor,
  tensor,
  tree,
} from "gmnm";

const random = new Random(0);
const coordinate = () => random.uniform(-1, 1);
const solution = (x: number, y: number) => Math.sin(Math.PI * x) * Math.sin(Math.PI * y);

/** Points as a tensor (rows, 2), and a function's values there as a tensor (rows, 1). */
const points = (list: number[][]) => tensor(list.flat(), [list.length, 2]);
const at = ({ data, shape: [rows] }: Tensor, f: (x: number, y: number) => number) =>
  tensor(
    Float32Array.from({ length: rows }, (_, i) => f(data[2 * i], data[2 * i + 1])),
    [rows, 1],
  );

const inside = points(Array.from({ length: 400 }, () => [coordinate(), coordinate()]));
const sides = [() => [-1, coordinate()], () => [1, coordinate()], () => [coordinate(), -1], () => [coordinate(), 1]];
const edges = points(Array.from({ length: 80 }, (_, i) => sides[i % 4]()));
const source = at(inside, (x, y) => -2 * Math.PI ** 2 * solution(x, y));

// Arrays are consumed by what uses them; `.ref` and `tree.ref` keep them for another use.
const objective: Objective = (params, { inside, source, edges }) => {
  const curvature = laplacian((x) => layer.apply(tree.ref(params), x), 2)(inside);
  const equation = np.square(curvature.sub(source)).mean();
  const boundary = np.square(layer.apply(params, edges)).mean();
  return equation.mul(0.01).add(boundary);
};

await ready();
const layer: AnyLayer = gmnm(2, 1, { numComponents: 32, width: 1.5 });
const start = initialParams(layer, random, inside);
const data = { inside, source, edges };
const { params, history } = await minimize(objective, start, data, { optimizer: lbfgs(), epochs: 300 });

const lattice = Array.from({ length: 2500 }, (_, i) => [(i % 50) / 24.5 - 1, Math.floor(i / 50) / 24.5 - 1]);
const grid = points(lattice);
const error = relativeL2(await predict({ layer, params }, grid), at(grid, solution));
console.log(`loss ${history[0].loss.toFixed(2)} → ${history[history.length - 1].loss.toExponential(1)}`);
console.log("relative L2 error:", error.toFixed(4));
