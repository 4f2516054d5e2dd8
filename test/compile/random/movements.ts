// Operations of random programs that move numbers.
import { numpy as np } from "@jax-js/jax";
import { sizeOf } from "../../../src/tensor.ts";
import {
  axesOf,
  isExact,
  type Known,
  moved,
  type Operation,
  only,
  permutation,
  rankAbove,
  shapeOf,
  zeroOr,
} from "./operands.ts";

export const movements: Record<string, Operation> = {
  transpose(choices) {
    const x = choices.operand(rankAbove(1));
    if (!x) return undefined;
    const perm = permutation(shapeOf(x).length, choices);
    return moved(x, np.transpose(x.array.ref, perm), `(${perm})`);
  },

  reshape(choices) {
    const x = choices.operand();
    if (!x) return undefined;
    const shape: number[] = [];
    for (let rest = sizeOf(shapeOf(x)); rest > 1; ) {
      const divisors = Array.from({ length: rest }, (_, i) => i + 1).filter((n) => rest % n === 0);
      const size = divisors[choices.below(divisors.length)];
      shape.push(size);
      rest /= size;
      if (shape.length === 4) shape[3] *= rest;
      if (shape.length === 4) break;
    }
    return moved(x, x.array.ref.reshape(shape));
  },

  broadcast(choices) {
    const x = choices.operand((value) => shapeOf(value).length < 4);
    if (!x) return undefined;
    const shape = shapeOf(x).map((size) => (size === 1 && choices.below(2) === 0 ? 2 + choices.below(3) : size));
    if (shape.length < 4 && choices.below(2) === 0) shape.unshift(1 + choices.below(3));
    return moved(x, np.broadcastTo(x.array.ref, shape));
  },

  expandDims(choices) {
    const x = choices.operand((value) => shapeOf(value).length < 4);
    if (!x) return undefined;
    return moved(x, np.expandDims(x.array.ref, choices.below(shapeOf(x).length + 1)));
  },

  slice(choices) {
    const x = choices.operand(rankAbove(0));
    if (!x) return undefined;
    const index = shapeOf(x).map((size): number | [] | [number, number] => {
      const kind = choices.below(4);
      if (kind === 0) return choices.below(size);
      if (kind === 1) return [];
      const from = choices.below(size);
      return [from, from + 1 + choices.below(size - from)];
    });
    return moved(x, x.array.ref.slice(...index), JSON.stringify(index));
  },

  pad(choices) {
    const x = choices.operand(rankAbove(0));
    if (!x) return undefined;
    const width = shapeOf(x).map((): [number, number] =>
      choices.below(2) === 0 ? [choices.below(3), choices.below(2)] : [0, 0],
    );
    const [low, high] = zeroOr(x);
    return only([x], { array: np.pad(x.array.ref, width), low, high, exact: x.exact }, JSON.stringify(width));
  },

  concatenate(choices) {
    const x = choices.operand(rankAbove(0));
    if (!x) return undefined;
    const axis = choices.below(shapeOf(x).length);
    const fits = (value: Known) =>
      shapeOf(value).length === shapeOf(x).length &&
      shapeOf(value).every((size, i) => i === axis || size === shapeOf(x)[i]);
    const all = [x, ...Array.from({ length: 1 + choices.below(2) }, () => choices.operand(fits)!)];
    return only(
      all,
      {
        array: np.concatenate(
          all.map(({ array }) => array.ref),
          axis,
        ),
        low: Math.min(...all.map(({ low }) => low)),
        high: Math.max(...all.map(({ high }) => high)),
        exact: all.every(isExact),
      },
      `axis ${axis}`,
    );
  },

  stack(choices) {
    const x = choices.operand((value) => shapeOf(value).length < 4);
    const y = x && choices.operand((value) => String(shapeOf(value)) === String(shapeOf(x)));
    if (!y) return undefined;
    const axis = choices.below(shapeOf(x).length + 1);
    const array = np.stack([x.array.ref, y.array.ref], axis);
    const [low, high] = [Math.min(x.low, y.low), Math.max(x.high, y.high)];
    return only([x, y], { array, low, high, exact: x.exact && y.exact }, `axis ${axis}`);
  },

  split(choices) {
    const x = choices.operand((value) => shapeOf(value).some((size) => size > 1));
    if (!x) return undefined;
    const axis = shapeOf(x).findIndex((size) => size > 1);
    const at = 1 + choices.below(shapeOf(x)[axis] - 1);
    const pieces = np.split(x.array.ref, [at], axis);
    return { of: [x], how: `axis ${axis} at ${at}`, results: pieces.map((array) => ({ ...x, array })) };
  },

  flip(choices) {
    const x = choices.operand(rankAbove(0));
    if (!x) return undefined;
    const axes = axesOf(shapeOf(x).length, choices);
    return moved(x, np.flip(x.array.ref, axes), `axes ${axes}`);
  },

  roll(choices) {
    const x = choices.operand(rankAbove(0));
    if (!x) return undefined;
    const axis = choices.below(shapeOf(x).length);
    return moved(x, np.roll(x.array.ref, 1 + choices.below(2), axis), `axis ${axis}`);
  },

  triangle(choices) {
    const x = choices.operand(rankAbove(1));
    if (!x) return undefined;
    const [low, high] = zeroOr(x);
    return only([x], { array: np.tril(x.array.ref), low, high, exact: x.exact });
  },
};
