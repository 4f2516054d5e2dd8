// What operations of random programs choose their operands by, and the bounds that keep numbers well-conditioned.
import { numpy as np } from "@jax-js/jax";
import { sizeOf } from "../../../src/tensor.ts";

/** A value of a program: between what bounds it lies, and whether every engine must compute exactly the same. */
export type Known = { array: np.Array; name: string; low: number; high: number; exact: boolean };

export type Choices = {
  /** A number below n. */
  below: (n: number) => number;
  operand: (fits?: (value: Known) => boolean) => Known | undefined;
};
export type Made = { of: Known[]; how?: string; results: Omit<Known, "name">[] };
export type Operation = (choices: Choices) => Made | undefined;

const LARGEST = 1000;
export const BOUND = 60;

export const shapeOf = ({ array }: Known) => array.shape;
export const rankAbove = (least: number) => (value: Known) => shapeOf(value).length > least;
export const only = (of: Known[], result: Omit<Known, "name">, how?: string): Made | undefined => {
  const tame = Math.max(Math.abs(result.low), Math.abs(result.high)) <= BOUND;
  if (tame && sizeOf(result.array.shape) <= LARGEST) return { of, how, results: [result] };
  result.array.dispose();
  return undefined;
};

/** The same numbers elsewhere. */
export const moved = (x: Known, array: np.Array, how?: string) => only([x], { ...x, array }, how);

export const fitTogether = (a: readonly number[], b: readonly number[]) =>
  [...a].reverse().every((size, i) => {
    const other = b.at(-1 - i);
    return other === undefined || other === size || other === 1 || size === 1;
  });

export const pair = (
  { operand }: Choices,
  when: (value: Known) => boolean = () => true,
): [Known, Known] | undefined => {
  const x = operand(when);
  const y = x && operand((value) => when(value) && fitTogether(shapeOf(x), shapeOf(value)));
  return y && [x, y];
};

export const corners = (x: Known, y: Known, f: (a: number, b: number) => number): [number, number] => {
  const all = [x.low, x.high].flatMap((a) => [y.low, y.high].map((b) => f(a, b)));
  return [Math.min(...all), Math.max(...all)];
};

export const isExact = ({ exact }: Known) => exact;
export const awayFromZero = ({ low, high }: Known) => low > 0.1 || high < -0.1;
export const positive = ({ low }: Known) => low > 0.1;
export const axesOf = (rank: number, { below }: Choices): number[] => {
  const axes = Array.from({ length: rank }, (_, i) => i).filter(() => below(2) === 0);
  return axes.length > 0 || rank === 0 ? axes : [below(rank)];
};

export const sumOfProducts = (x: Known, y: Known, count: number): [number, number] => {
  const [low, high] = corners(x, y, (a, b) => a * b);
  return [Math.min(low, count * low), Math.max(high, count * high)];
};

export const permutation = (n: number, { below }: Choices): number[] => {
  const rest = Array.from({ length: n }, (_, i) => i);
  return Array.from({ length: n }, () => rest.splice(below(rest.length), 1)[0]);
};

/** A condition that all engines agree on, of any shape that fits x. */
export const mask = (choices: Choices, x: Known) => {
  const fits = (value: Known) => value.exact && fitTogether(shapeOf(x), shapeOf(value));
  const a = choices.operand(fits);
  const b = a && choices.operand((value) => fits(value) && fitTogether(shapeOf(a), shapeOf(value)));
  if (!a || !b) return undefined;
  const compare = [np.less, np.greaterEqual, np.equal, np.notEqual][choices.below(4)];
  return { of: [a, b], array: compare(a.array.ref, choices.below(2) === 0 ? b.array.ref : 0.125) };
};

export const zeroOr = ({ low, high }: Known): [number, number] => [Math.min(0, low), Math.max(0, high)];
