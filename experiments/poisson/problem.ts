import type { Random } from "../../src/random.ts";
import { type Tensor, tensor } from "../../src/tensor.ts";

const { PI, sin } = Math;

/** A value at each row (x, y) of points. */
const atRows = ({ data, shape }: Tensor, f: (x: number, y: number) => number): Tensor =>
  tensor(
    Float32Array.from({ length: shape[0] }, (_, i) => f(data[2 * i], data[2 * i + 1])),
    [shape[0], 1],
  );

/** The solution sin πx sin πy. */
export const exact = (points: Tensor): Tensor => atRows(points, (x, y) => sin(PI * x) * sin(PI * y));

/** Its Laplacian, −2π² sin πx sin πy. */
export const source = (points: Tensor): Tensor => atRows(points, (x, y) => -2 * PI * PI * sin(PI * x) * sin(PI * y));

/** n random points of the open square (n, 2). */
export const interiorPoints = (random: Random, n: number): Tensor =>
  tensor(
    Float32Array.from({ length: 2 * n }, () => random.uniform(-1, 1)),
    [n, 2],
  );

/** n random points on each side (4n, 2). */
export function boundaryPoints(random: Random, n: number): Tensor {
  const sides = [-1, 1].flatMap((end) => [(t: number) => [end, t], (t: number) => [t, end]]);
  return tensor(
    sides.flatMap((side) => Array.from({ length: n }, () => side(random.uniform(-1, 1))).flat()),
    [4 * n, 2],
  );
}

export const SIDE = 100;
/** The test grid (10,000, 2), boundary included. */
export const testGrid: Tensor = tensor(
  Array.from({ length: SIDE * SIDE }, (_, i) => [
    -1 + (2 * (i % SIDE)) / (SIDE - 1),
    -1 + (2 * Math.floor(i / SIDE)) / (SIDE - 1),
  ]).flat(),
  [SIDE * SIDE, 2],
);
