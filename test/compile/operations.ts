// What random programs are made of. Every operation picks operands that suit it, or gives up; bounds keep numbers well-conditioned.
import { nn, numpy as np } from "@jax-js/jax";
import { sizeOf } from "../../src/tensor.ts";
import type { Known } from "./programs.ts";

type Choices = {
  /** A number below n. */
  below: (n: number) => number;
  operand: (fits?: (value: Known) => boolean) => Known | undefined;
};
type Made = { of: Known[]; how?: string; results: Omit<Known, "name">[] };
type Operation = (choices: Choices) => Made | undefined;

const LARGEST = 1000;
const BOUND = 60;

const shapeOf = ({ array }: Known) => array.shape;
const rankAbove = (least: number) => (value: Known) => shapeOf(value).length > least;
const only = (of: Known[], result: Omit<Known, "name">, how?: string): Made | undefined => {
  const tame = Math.max(Math.abs(result.low), Math.abs(result.high)) <= BOUND;
  if (tame && sizeOf(result.array.shape) <= LARGEST) return { of, how, results: [result] };
  result.array.dispose();
  return undefined;
};

/** The same numbers elsewhere. */
const moved = (x: Known, array: np.Array, how?: string) => only([x], { ...x, array }, how);

const unary =
  (
    apply: (x: np.Array) => np.Array,
    bounds: (low: number, high: number) => [number, number],
    { exact = false, when = (_: Known): boolean => true } = {},
  ): Operation =>
  ({ operand }) => {
    const x = operand(when);
    if (!x) return undefined;
    const [low, high] = bounds(x.low, x.high);
    return only([x], { array: apply(x.array.ref), low, high, exact: exact && x.exact });
  };

const fitTogether = (a: readonly number[], b: readonly number[]) =>
  [...a].reverse().every((size, i) => {
    const other = b.at(-1 - i);
    return other === undefined || other === size || other === 1 || size === 1;
  });

const pair = ({ operand }: Choices, when: (value: Known) => boolean = () => true): [Known, Known] | undefined => {
  const x = operand(when);
  const y = x && operand((value) => when(value) && fitTogether(shapeOf(x), shapeOf(value)));
  return y && [x, y];
};

const corners = (x: Known, y: Known, f: (a: number, b: number) => number): [number, number] => {
  const all = [x.low, x.high].flatMap((a) => [y.low, y.high].map((b) => f(a, b)));
  return [Math.min(...all), Math.max(...all)];
};

const binary =
  (
    apply: (x: np.Array, y: np.Array) => np.Array,
    f: (a: number, b: number) => number,
    when?: (value: Known) => boolean,
    exact = false,
  ): Operation =>
  (choices) => {
    const operands = pair(choices, when);
    if (!operands) return undefined;
    const [x, y] = operands;
    const [low, high] = corners(x, y, f);
    return only(operands, { array: apply(x.array.ref, y.array.ref), low, high, exact: exact && x.exact && y.exact });
  };

const isExact = ({ exact }: Known) => exact;
const awayFromZero = ({ low, high }: Known) => low > 0.1 || high < -0.1;
const positive = ({ low }: Known) => low > 0.1;
const axesOf = (rank: number, { below }: Choices): number[] => {
  const axes = Array.from({ length: rank }, (_, i) => i).filter(() => below(2) === 0);
  return axes.length > 0 || rank === 0 ? axes : [below(rank)];
};

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

const sumOfProducts = (x: Known, y: Known, count: number): [number, number] => {
  const [low, high] = corners(x, y, (a, b) => a * b);
  return [Math.min(low, count * low), Math.max(high, count * high)];
};

const permutation = (n: number, { below }: Choices): number[] => {
  const rest = Array.from({ length: n }, (_, i) => i);
  return Array.from({ length: n }, () => rest.splice(below(rest.length), 1)[0]);
};

/** A condition that all engines agree on, of any shape that fits x. */
const mask = (choices: Choices, x: Known) => {
  const fits = (value: Known) => value.exact && fitTogether(shapeOf(x), shapeOf(value));
  const a = choices.operand(fits);
  const b = a && choices.operand((value) => fits(value) && fitTogether(shapeOf(a), shapeOf(value)));
  if (!a || !b) return undefined;
  const compare = [np.less, np.greaterEqual, np.equal, np.notEqual][choices.below(4)];
  return { of: [a, b], array: compare(a.array.ref, choices.below(2) === 0 ? b.array.ref : 0.125) };
};

const zeroOr = ({ low, high }: Known): [number, number] => [Math.min(0, low), Math.max(0, high)];

export const OPERATIONS: Record<string, Operation> = {
  add: binary(
    (x, y) => x.add(y),
    (a, b) => a + b,
  ),
  subtract: binary(
    (x, y) => x.sub(y),
    (a, b) => a - b,
  ),
  multiply: binary(
    (x, y) => x.mul(y),
    (a, b) => a * b,
  ),
  divide: (choices) => {
    const x = choices.operand();
    const y = x && choices.operand((value) => awayFromZero(value) && fitTogether(shapeOf(x), shapeOf(value)));
    if (!y) return undefined;
    const [low, high] = corners(x, y, (a, b) => a / b);
    return only([x, y], { array: x.array.ref.div(y.array.ref), low, high, exact: false });
  },
  maximum: binary((x, y) => np.maximum(x, y), Math.max, isExact, true),
  minimum: binary((x, y) => np.minimum(x, y), Math.min, isExact, true),
  negate: unary(
    (x) => x.neg(),
    (a, b) => [-b, -a],
    { exact: true },
  ),
  square: unary(
    (x) => np.square(x),
    (a, b) => [0, Math.max(a * a, b * b)],
  ),
  double: unary(
    (x) => x.ref.add(x),
    (a, b) => [2 * a, 2 * b],
    { exact: true },
  ),
  vanish: unary(
    (x) => x.ref.sub(x),
    () => [0, 0],
  ),
  half: unary(
    (x) => x.mul(0.5),
    (a, b) => [a / 2, b / 2],
    { exact: true },
  ),
  negativeThird: unary(
    (x) => x.mul(-1 / 3),
    (a, b) => [-b / 3, -a / 3],
  ),
  shift: unary(
    (x) => x.add(0.75),
    (a, b) => [a + 0.75, b + 0.75],
  ),
  nothing: unary(
    (x) => x.mul(0),
    () => [0, 0],
  ),
  reciprocal: unary(
    (x) => np.reciprocal(x),
    (a, b) => [1 / b, 1 / a],
    { when: awayFromZero },
  ),
  exp: unary(
    (x) => np.exp(x),
    (a, b) => [Math.exp(a), Math.exp(b)],
    { when: ({ high }) => high < 3 },
  ),
  log: unary(
    (x) => np.log(x),
    (a, b) => [Math.log(a), Math.log(b)],
    { when: positive },
  ),
  sqrt: unary(
    (x) => np.sqrt(x),
    (a, b) => [Math.sqrt(a), Math.sqrt(b)],
    { when: positive },
  ),
  sin: unary(
    (x) => np.sin(x),
    () => [-1, 1],
  ),
  cos: unary(
    (x) => np.cos(x),
    () => [-1, 1],
  ),
  tanh: unary(
    (x) => np.tanh(x),
    (a, b) => [Math.tanh(a), Math.tanh(b)],
  ),
  sigmoid: unary(
    (x) => nn.sigmoid(x),
    () => [0, 1],
  ),
  relu: unary(
    (x) => nn.relu(x),
    (a, b) => [Math.max(0, a), Math.max(0, b)],
    { exact: true, when: isExact },
  ),
  abs: unary(
    (x) => np.abs(x),
    (a, b) => [0, Math.max(-a, b)],
    { exact: true, when: isExact },
  ),
  sum: reduce((x, axes, keepdims) => x.sum(axes, { keepdims }), true),
  mean: reduce((x, axes, keepdims) => x.mean(axes, { keepdims }), true),
  max: reduce((x, axes, keepdims) => x.max(axes, { keepdims }), false),
  min: reduce((x, axes, keepdims) => x.min(axes, { keepdims }), false),

  softmax(choices) {
    const x = choices.operand((value) => rankAbove(0)(value) && value.exact);
    const axis = x && choices.below(shapeOf(x).length);
    return x && only([x], { array: nn.softmax(x.array.ref, axis), low: 0, high: 1, exact: false }, `axis ${axis}`);
  },

  where(choices) {
    const operands = pair(choices);
    const condition = operands && mask(choices, operands[0]);
    if (!condition) return undefined;
    const [x, y] = operands;
    if (!fitTogether(condition.array.shape, shapeOf(y))) {
      condition.array.dispose();
      return undefined;
    }
    return only([x, y, ...condition.of], {
      array: np.where(condition.array, x.array.ref, y.array.ref),
      low: Math.min(x.low, y.low),
      high: Math.max(x.high, y.high),
      exact: x.exact && y.exact,
    });
  },

  maskOut(choices) {
    const x = choices.operand();
    const condition = x && mask(choices, x);
    if (!condition) return undefined;
    const how = ["where", "cast", "product"][choices.below(3)];
    const apply: Record<string, () => np.Array> = {
      where: () => np.where(condition.array, x.array.ref, 0),
      cast: () => condition.array.astype(np.float32).mul(x.array.ref),
      product: () => x.array.ref.mul(condition.array),
    };
    const [low, high] = zeroOr(x);
    return only([x, ...condition.of], { array: apply[how](), low, high, exact: x.exact }, how);
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
