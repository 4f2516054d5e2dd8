// A small regression that the tests of training share.
import { gmnm } from "../../src/nn/gmnm.ts";
import { adam } from "../../src/optim/adam.ts";
import { namedTensors, type ParamTensors } from "../../src/params.ts";
import { Random } from "../../src/random.ts";
import { type Tensor, tensor } from "../../src/tensor.ts";

/** A layer that learns {@link waves}. */
export const layer = gmnm(2, 1, { numComponents: 16 });
/** An optimiser for few epochs. */
export const fast = { optimizer: adam({ learningRate: 0.02 }) };

/** Every parameter, in order. */
export const numbersOf = (params: ParamTensors): number[] => namedTensors(params).flatMap(([, { data }]) => [...data]);

export type Data = { x: Tensor; y: Tensor };

/** y = sin(3 x₀) x₁ at random points of [−1, 1]². */
export function waves(rows: number, seed = 1): Data {
  const random = new Random(seed);
  const x = Array.from({ length: rows }, () => [random.uniform(-1, 1), random.uniform(-1, 1)]);
  return {
    x: tensor(x.flat(), [rows, 2]),
    y: tensor(
      x.map(([a, b]) => Math.sin(3 * a) * b),
      [rows, 1],
    ),
  };
}

/** y = 2 x − 1 on a grid of [−1, 1]. */
export function line(rows: number): Data {
  const x = Array.from({ length: rows }, (_, i) => (2 * i) / (rows - 1) - 1);
  return {
    x: tensor(x, [rows, 1]),
    y: tensor(
      x.map((v) => 2 * v - 1),
      [rows, 1],
    ),
  };
}
