// Small tables made from a seed, standardised.
import { standardScaler } from "../../src/data/scaling.ts";
import { Random } from "../../src/random.ts";
import { type Tensor, tensor } from "../../src/tensor.ts";

export type Made = { x: Tensor; y: Tensor };

/** Standard normal features and a number made of them. */
export function numbers(rows: number, d: number, f: (x: number[], random: Random) => number, seed = 1): Made {
  const random = new Random(seed);
  const x = random.normal([rows, d]);
  const y = Array.from({ length: rows }, (_, i) => f([...x.data.subarray(i * d, (i + 1) * d)], random));
  const column = tensor(y, [rows, 1]);
  return { x, y: standardScaler(column).apply(column) };
}

/** Standard normal features and a class made of them, one-hot. */
export function classes(
  rows: number,
  d: number,
  count: number,
  f: (x: number[], random: Random) => number,
  seed = 1,
): Made {
  const random = new Random(seed);
  const x = random.normal([rows, d]);
  const y = new Float32Array(rows * count);
  for (let i = 0; i < rows; i++) y[i * count + f([...x.data.subarray(i * d, (i + 1) * d)], random)] = 1;
  return { x, y: tensor(y, [rows, count]) };
}
