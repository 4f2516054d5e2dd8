// Random programs of jax-js operations. A program is plain data, so that fast-check can shrink it: whatever the numbers in it, every
// operation that has no valid operands is left out.
import { numpy as np } from "@jax-js/jax";
import fc from "fast-check";
import { sizeOf } from "../../../src/tensor.ts";
import { elementwise } from "./elementwise.ts";
import { movements } from "./movements.ts";
import type { Known } from "./operands.ts";
import { sums } from "./sums.ts";

const OPERATIONS = { ...elementwise, ...sums, ...movements };

/** Shapes of the inputs, and operations with the numbers that choose their operands. */
export type RandomProgram = { inputs: number[][]; operations: { name: string; picks: number[] }[] };

const SIZES = [
  [1, 2, 3],
  [1, 2, 4],
  [1, 3, 6],
  [2, 3, 5],
  [1, 8, 9],
];

/** Where compilers go wrong, most often. */
const OFTEN = [
  "matmul",
  "einsum",
  "transpose",
  "reshape",
  "slice",
  "broadcast",
  "sum",
  "concatenate",
  "add",
  "multiply",
];
const names = Object.keys(OPERATIONS);
const anyName = fc.oneof(fc.constantFrom(...names), fc.constantFrom(...OFTEN));

const inputShapes = fc
  .constantFrom(...SIZES)
  .chain((sizes) =>
    fc.array(fc.array(fc.constantFrom(...sizes), { maxLength: 3, size: "max" }), { minLength: 1, maxLength: 3 }),
  );

export const randomPrograms: fc.Arbitrary<RandomProgram> = fc.record({
  inputs: inputShapes,
  operations: fc.array(
    fc.record({ name: anyName, picks: fc.array(fc.nat({ max: 59 }), { minLength: 6, maxLength: 10 }) }),
    { minLength: 1, maxLength: 10, size: "max" },
  ),
});

/** Input i of a program: the even ones lie around zero, the others above. */
export const inputNumbers = (shape: readonly number[], i: number): Float32Array<ArrayBuffer> =>
  Float32Array.from({ length: sizeOf(shape) }, (_, k) => {
    const unit = (0.137 + 0.618034 * (k + 1) * (i + 1)) % 1;
    return i % 2 === 0 ? 3 * unit - 1.5 : 0.25 + unit;
  });

/** Results of a program that nothing else in it uses. Does not consume the inputs. `lines` receives the program as text. */
export function runProgram(
  { inputs, operations }: RandomProgram,
  arrays: np.Array[],
  lines: string[] = [],
): np.Array[] {
  const known: Known[] = arrays.map((array, i) => ({
    array: array.ref,
    name: `x${i}(${inputs[i]})`,
    low: i % 2 === 0 ? -1.5 : 0.25,
    high: i % 2 === 0 ? 1.5 : 1.25,
    exact: true,
  }));
  const used = new Set<Known>();
  for (const { name, picks } of operations) {
    let at = 0;
    const below = (n: number) => picks[at++ % picks.length] % n;
    const operand = (fits: (value: Known) => boolean = () => true) => {
      const fitting = known.filter(fits);
      // The latest are the most likely, so that programs become deep.
      return fitting.length === 0 ? undefined : fitting.at(-1 - ((below(60) % 7) % fitting.length));
    };
    const made = OPERATIONS[name]({ below, operand });
    for (const one of made?.results ?? []) {
      const value = { ...one, name: `v${known.length}(${one.array.shape})` };
      lines.push(`${value.name} = ${name} ${made!.of.map((operand) => operand.name).join(" ")} ${made!.how ?? ""}`);
      known.push(value);
    }
    for (const one of made?.of ?? []) used.add(one);
  }
  const [inner, outer] = [known.filter((v) => used.has(v)), known.filter((v) => !used.has(v))];
  for (const { array } of inner) array.dispose();
  return outer.map(({ array }) => array);
}

/** Σ of all results, weighted, to have something to differentiate. Consumes the results. */
export function weightedSum(results: np.Array[]): np.Array {
  return results
    .map((result, i) => {
      if (i % 2 === 0) return result.sum().mul(0.5 + i);
      const weights = inputNumbers(result.shape, i + 2);
      return result.mul(np.array(weights, { shape: result.shape })).sum();
    })
    .reduce((total, term) => total.add(term));
}
