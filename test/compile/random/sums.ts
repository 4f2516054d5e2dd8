// Operations of random programs that reduce, and sums of products.
import { nn, numpy as np } from "@jax-js/jax";
import {
  axesOf,
  BOUND,
  fitTogether,
  type Known,
  type Operation,
  only,
  permutation,
  rankAbove,
  shapeOf,
  sumOfProducts,
} from "./operands.ts";

const reduce =
  (apply: (x: np.Array, axes: number[], keepdims: boolean) => np.Array, sums: boolean): Operation =>
  (choices) => {
    const x = choices.operand((value) => rankAbove(0)(value) && (sums || value.exact));
    if (!x) return undefined;
    const axes = axesOf(shapeOf(x).length, choices);
    const keepdims = choices.below(2) === 0;
    const count = sums ? axes.reduce((n, axis) => n * shapeOf(x)[axis], 1) : 1;
    const [low, high] = [Math.min(x.low, count * x.low), Math.max(x.high, count * x.high)];
    const array = apply(x.array.ref, axes, keepdims);
    return only([x], { array, low, high, exact: !sums && x.exact }, `axes ${axes}${keepdims ? " kept" : ""}`);
  };

export const sums: Record<string, Operation> = {
  sum: reduce((x, axes, keepdims) => x.sum(axes, { keepdims }), true),
  mean: reduce((x, axes, keepdims) => x.mean(axes, { keepdims }), true),
  max: reduce((x, axes, keepdims) => x.max(axes, { keepdims }), false),
  min: reduce((x, axes, keepdims) => x.min(axes, { keepdims }), false),

  softmax(choices) {
    const x = choices.operand((value) => rankAbove(0)(value) && value.exact);
    const axis = x && choices.below(shapeOf(x).length);
    return x && only([x], { array: nn.softmax(x.array.ref, axis), low: 0, high: 1, exact: false }, `axis ${axis}`);
  },

  matmul(choices) {
    const x = choices.operand(rankAbove(0));
    if (!x) return undefined;
    const inner = shapeOf(x).at(-1)!;
    const fits = (value: Known) => {
      const shape = shapeOf(value);
      const batches = [shapeOf(x).slice(0, -2), shape.slice(0, -2)];
      return shape.length > 0 && shape.at(shape.length > 1 ? -2 : -1) === inner && fitTogether(batches[0], batches[1]);
    };
    const y = choices.operand(fits);
    if (!y) return undefined;
    const [low, high] = sumOfProducts(x, y, inner);
    return only([x, y], { array: np.matmul(x.array.ref, y.array.ref), low, high, exact: false });
  },

  /** A matrix product with dimensions in any order: batch, kept, contracted and summed ones. */
  einsum(choices) {
    const x = choices.operand(rankAbove(0));
    const y = x && choices.operand(rankAbove(0));
    if (!y) return undefined;
    const letters = [..."abcdefgh"];
    const sizes = new Map<string, number>();
    const ofX = shapeOf(x).map((size) => {
      const letter = letters.shift()!;
      sizes.set(letter, size);
      return letter;
    });
    const free = [...ofX];
    const ofY = shapeOf(y).map((size) => {
      const shared = free.find((letter) => sizes.get(letter) === size);
      if (shared !== undefined && choices.below(4) > 0) {
        free.splice(free.indexOf(shared), 1);
        return shared;
      }
      const letter = letters.shift()!;
      sizes.set(letter, size);
      return letter;
    });
    const all = [...new Set([...ofX, ...ofY])];
    const kept = all.filter(() => choices.below(2) === 0);
    const result = permutation(kept.length, choices).map((i) => kept[i]);
    const subscripts = `${ofX.join("")},${ofY.join("")}->${result.join("")}`;
    const count = all.filter((letter) => !kept.includes(letter)).reduce((n, letter) => n * sizes.get(letter)!, 1);
    const [low, high] = sumOfProducts(x, y, count);
    if (Math.max(-low, high) > BOUND) return undefined;
    return only(
      [x, y],
      { array: np.einsum(subscripts, x.array.ref, y.array.ref), low, high, exact: false },
      subscripts,
    );
  },
};
