// How the values of a function relate to rows that are divided into shards: what each shard has of a value, and what becomes of it in every
// primitive. Data parallelism, decided by reading the function.
import type { Equation } from "../jaxpr.ts";
import { axesOf, isElementwise, routesOf } from "./routes.ts";

/** Every shard has all of it. Along `uniform` axes all its numbers are the same, so that a shard can have any number of them. */
export type Whole = { readonly kind: "whole"; readonly uniform: ReadonlySet<number>; readonly late: boolean };
/** Along one axis every shard has the places of its own rows: all `of` rows follow one another `times` times, with `each` places for each. */
export type Rows = {
  readonly kind: "rows";
  readonly axis: number;
  readonly times: number;
  readonly of: number;
  readonly each: number;
};
/** Every shard has an addend. */
export type Sum = { readonly kind: "sum" };
/** What shards have of a value. A whole that is `late` is made of a sum, so there is none before all shards have run. */
export type Sharding = Whole | Rows | Sum;

const NONE: ReadonlySet<number> = new Set();
export const WHOLE: Whole = { kind: "whole", uniform: NONE, late: false };
export const LATE: Whole = { ...WHOLE, late: true };
export const SUM: Sum = { kind: "sum" };

/** The function does something with its rows that shards cannot do by themselves. */
export class Unshardable extends Error {}

/** An operand: what shards have of it, and the shape of all of it. */
export type Operand = { readonly sharding: Sharding; readonly shape: readonly number[] };

export const isLate = ({ sharding }: Operand): boolean => sharding.kind === "whole" && sharding.late;

/** Primitives that are linear in all operands together, and those that are linear in each. */
const LINEAR = new Set(
  "add neg stop_gradient reduce transpose reshape broadcast shrink pad flip concatenate split".split(" "),
);
const MULTILINEAR = new Set(["mul", "dot", "conv"]);

/** Whether a primitive of the addends of shards makes addends of its result. */
export function isLinear({ primitive, params }: Equation, operands: readonly Operand[]): boolean {
  if (operands.some((operand) => operand.sharding.kind === "rows" || isLate(operand))) return false;
  if (primitive === "gather") return operands[0].sharding.kind === "sum";
  if (MULTILINEAR.has(primitive)) return operands.filter(({ sharding }) => sharding.kind === "sum").length === 1;
  if (!LINEAR.has(primitive) || (primitive === "reduce" && params.op !== "Add")) return false;
  return operands.every(({ sharding }) => sharding.kind === "sum");
}

/** What a primitive makes of whole operands. */
export function wholeOf(equation: Equation, operands: readonly Operand[], shape: readonly number[]): Whole {
  const wholes = operands.map(({ sharding }) => sharding as Whole);
  const late = wholes.some((operand) => operand.late);
  if (equation.primitive === "reshape") return { kind: "whole", uniform: uniformReshaped(operands[0], shape), late };
  const routes = routesOf(equation, shapesOf(operands));
  if (!routes) return { ...WHOLE, late };
  const uniform = new Set(shape.keys());
  for (const [i, operand] of operands.entries())
    for (const [axis, { to, mixed }] of routes[i].entries())
      if (to !== undefined && (mixed || !isUniform(operand, axis))) uniform.delete(to);
  return { kind: "whole", uniform, late };
}

/** Whether all numbers along an axis of a whole are the same. */
const isUniform = ({ sharding, shape }: Operand, axis: number): boolean =>
  sharding.kind === "whole" && (shape[axis] === 1 || sharding.uniform.has(axis));

/** Along which axis of each operand a shard takes only as many of the numbers, all alike, as it has places for `rows`. */
export type Narrowing = { readonly rows: Rows; readonly axes: readonly (number | undefined)[] };
export type Sharded = { readonly result: Rows | Sum; readonly narrowing?: Narrowing };

/**
 * What a primitive makes of rows.
 * @throws Unshardable
 */
export function shardedOf(equation: Equation, operands: readonly Operand[], shape: readonly number[]): Sharded {
  const { primitive } = equation;
  if (primitive === "reshape") return { result: rowsReshaped(operands[0], shape) };
  const lead = operands.findIndex(({ sharding }) => sharding.kind === "rows");
  const rows = operands[lead].sharding as Rows;
  const isAsIs = (operand: Operand) => operand.shape.length === 0 || isAlike(operand, operands[lead]);
  // Nearly all that there is.
  if (isElementwise(primitive) && operands.every(isAsIs)) return { result: rows };
  const routes = routesOf(equation, shapesOf(operands));
  const route = routes?.[lead][rows.axis];
  if (!route || route.mixed) throw new Unshardable(primitive);
  const axes = operands.map((operand, i) => {
    const { sharding } = operand;
    if (sharding.kind === "rows") {
      const { to, mixed } = routes[i][sharding.axis];
      if (to !== route.to || mixed || !isAs(sharding, rows)) throw new Unshardable(primitive);
      return undefined;
    }
    const axis = routes[i].findIndex(({ to }, k) => to === route.to && operand.shape[k] > 1);
    if (axis < 0) return undefined;
    if (!isUniform(operand, axis)) throw new Unshardable(primitive);
    return axis;
  });
  const narrowing = axes.some((axis) => axis !== undefined) ? { rows, axes } : undefined;
  return { result: route.to === undefined ? SUM : { ...rows, axis: route.to }, narrowing };
}

/** Whether rows have their places in the same order. */
const isAs = (one: Rows, other: Rows): boolean =>
  one === other || (one.times === other.times && one.of === other.of && one.each === other.each);

const isAlike = ({ sharding, shape }: Operand, other: Operand): boolean =>
  sharding.kind === "rows" &&
  shape.length === other.shape.length &&
  sharding.axis === (other.sharding as Rows).axis &&
  isAs(sharding, other.sharding as Rows);

const shapesOf = (operands: readonly Operand[]) => operands.map(({ shape }) => shape);

const product = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);

/** The same numbers in the same order, so there are as many before the rows' places and behind them. */
function rowsReshaped({ sharding, shape }: Operand, to: readonly number[]): Rows {
  const { axis, times, of } = sharding as Rows;
  const before = product(shape.slice(0, axis)) * times;
  for (const [i, size] of to.entries()) {
    const outside = product(to.slice(0, i));
    const own = (before / outside) * of;
    if (before % outside === 0 && size % own === 0 && size > 0)
      return { kind: "rows", axis: i, times: before / outside, of, each: size / own };
  }
  throw new Unshardable("reshape");
}

/** Axes of a reshape's result that are made of uniform axes alone: of all that lie between as many numbers as it does. */
function uniformReshaped(operand: Operand, to: readonly number[]): Set<number> {
  const bounds = (shape: readonly number[], axis: number) => [
    product(shape.slice(0, axis)),
    product(shape.slice(0, axis + 1)),
  ];
  const divide = (a: number, b: number): boolean => a % b === 0 || b % a === 0;
  const isMade = (axis: number): boolean => {
    const own = bounds(to, axis);
    return axesOf(operand.shape).every((source) => {
      const others = bounds(operand.shape, source);
      if (others[0] >= own[1] || others[1] <= own[0]) return true;
      return isUniform(operand, source) && others.every((bound) => own.every((one) => divide(bound, one)));
    });
  };
  return new Set(axesOf(to).filter(isMade));
}
