// Operations of random programs that work element by element.
import { nn, numpy as np } from "@jax-js/jax";
import {
  awayFromZero,
  corners,
  fitTogether,
  isExact,
  type Known,
  mask,
  type Operation,
  only,
  pair,
  positive,
  shapeOf,
  zeroOr,
} from "./operands.ts";

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

export const elementwise: Record<string, Operation> = {
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
};
