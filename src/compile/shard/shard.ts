import type { Atom, Aval, Equation, Jaxpr } from "../jaxpr.ts";
import {
  isLinear,
  LATE,
  type Narrowing,
  type Operand,
  type Rows,
  type Sharding,
  SUM,
  shardedOf,
  Unshardable,
  WHOLE,
  wholeOf,
} from "./sharding.ts";

/** What is known of an input: it is divided by its first axis, it has the same number everywhere, or neither. */
export type Given = "rows" | "uniform" | "whole";

/** A function in shards that can run side by side, each with some of the rows, and what is left to do with the sums of what they make. */
export interface ShardedJaxpr {
  /** From all inputs, but of rows only the shard's own, to its addends. */
  readonly shards: readonly Jaxpr[];
  readonly sums: readonly Aval[];
  /**
   * From all inputs and the addends, those of one shard after those of another, to the results.
   *
   * @param scales - by shard, what to multiply each addend by.
   */
  finish(scales: readonly (readonly number[])[]): Jaxpr;
}

/** The rows that a shard has: from the first to before the last. */
export const rowsOfShard = (of: number, shard: number, shards: number): [from: number, to: number] => [
  Math.floor((of * shard) / shards),
  Math.floor((of * (shard + 1)) / shards),
];

/** Divides a function; undefined where it does more with its rows than to add up what it makes of each. */
export function shard(jaxpr: Jaxpr, given: readonly Given[], shards: number): ShardedJaxpr | undefined {
  const plan = planFor(jaxpr, given);
  if (!plan || plan.sums.size === 0) return undefined;
  const sums = [...plan.sums];
  const parts = new Map<string, Jaxpr>();
  const partFor = (part: number): Jaxpr => {
    const rowsOf = (of: number) => {
      const [from, to] = rowsOfShard(of, part, shards);
      return to - from;
    };
    const key = `${jaxpr.inBinders.filter((_, i) => given[i] === "rows").map(({ aval }) => rowsOf(aval.shape[0]))}`;
    const known = parts.get(key) ?? shardJaxpr(jaxpr, plan, rowsOf);
    parts.set(key, known);
    return known;
  };
  return {
    shards: Array.from({ length: shards }, (_, part) => partFor(part)),
    sums: sums.map(({ aval }) => aval),
    finish: (scales) => finishJaxpr(jaxpr, sums, scales),
  };
}

/** How everything is divided, which equations take less of an operand, and the sums that are needed whole. */
type Plan = { shardings: Map<Atom, Sharding>; narrowings: Map<Equation, Narrowing>; sums: Set<Atom> };

/** What is needed of a sum decides what is made of it: that is found out in rounds, few of them and all but the first of them short. */
function planFor(jaxpr: Jaxpr, given: readonly Given[]): Plan | undefined {
  try {
    const plan: Plan = {
      shardings: new Map(jaxpr.inBinders.map((atom, i) => [atom, givenSharding(given[i], atom)])),
      narrowings: new Map(),
      sums: new Set(),
    };
    let behind = round(plan, jaxpr.eqns, jaxpr.outs);
    for (let before = new Set<Atom>(); before.symmetricDifference(plan.sums).size > 0; ) {
      before = plan.sums;
      behind = round(plan, behind, jaxpr.outs);
    }
    return plan;
  } catch (error) {
    if (error instanceof Unshardable) return undefined;
    throw error;
  }
}

/** Divides what equations make, sums that are needed whole as before being whole. Returns those equations that make or take sums, or what is made of them. */
function round(plan: Plan, eqns: readonly Equation[], outs: readonly Atom[]): Equation[] {
  const { shardings, sums: summed } = plan;
  const sums = new Set<Atom>();
  const operand = (atom: Atom): Operand => ({ sharding: shardings.get(atom) ?? WHOLE, shape: atom.aval.shape });
  const behind = eqns.filter((equation) => {
    const operands = equation.inputs.map(operand);
    const linear = operands.some(({ sharding }) => sharding === SUM) && isLinear(equation, operands);
    const complete = operands.map((one, i) => {
      if (one.sharding !== SUM || linear) return one;
      sums.add(equation.inputs[i]);
      return { ...one, sharding: LATE };
    });
    const made = equation.outBinders.map((out) => {
      const result = linear ? SUM : resultOf(equation, complete, out, plan.narrowings);
      if (result === SUM && summed.has(out)) sums.add(out);
      shardings.set(out, result === SUM && summed.has(out) ? LATE : result);
      return result;
    });
    return made.includes(SUM) || complete.some(({ sharding }) => sharding.kind === "whole" && sharding.late);
  });
  for (const out of outs) {
    const { sharding } = operand(out);
    if (sharding.kind === "rows") throw new Unshardable("a result");
    if (sharding === SUM) sums.add(out);
  }
  plan.sums = sums;
  return behind;
}

function givenSharding(given: Given, { aval }: Atom): Sharding {
  if (given === "rows") return { kind: "rows", axis: 0, times: 1, of: aval.shape[0], each: 1 };
  return given === "uniform" ? { ...WHOLE, uniform: new Set(aval.shape.keys()) } : WHOLE;
}

function resultOf(
  equation: Equation,
  operands: Operand[],
  { aval }: Atom,
  narrowings: Map<Equation, Narrowing>,
): Sharding {
  if (operands.every(({ sharding }) => sharding.kind === "whole")) return wholeOf(equation, operands, aval.shape);
  if (operands.some(({ sharding }) => sharding.kind === "whole" && sharding.late))
    throw new Unshardable(equation.primitive);
  const { result, narrowing } = shardedOf(equation, operands, aval.shape);
  if (narrowing) narrowings.set(equation, narrowing);
  return result;
}

/** The equations that some values need, where others are given. */
function needed(jaxpr: Jaxpr, wanted: Iterable<Atom>, given: ReadonlySet<Atom> = new Set()): Equation[] {
  const live = new Set(wanted);
  const isNeeded = ({ outBinders, inputs }: Equation): boolean => {
    if (!outBinders.some((out) => live.has(out) && !given.has(out))) return false;
    for (const input of inputs) live.add(input);
    return true;
  };
  return jaxpr.eqns.toReversed().filter(isNeeded).reverse();
}

function shardJaxpr(jaxpr: Jaxpr, { shardings, narrowings, sums }: Plan, rowsOf: (of: number) => number): Jaxpr {
  const places = ({ times, of, each }: Rows): number => times * rowsOf(of) * each;
  const renewed = new Map<Atom, Atom>();
  const own = (atom: Atom): Atom => {
    const sharding = shardings.get(atom);
    if (sharding?.kind !== "rows") return atom;
    const known = renewed.get(atom) ?? withSize(atom, sharding.axis, places(sharding));
    renewed.set(atom, known);
    return known;
  };
  const eqns: Equation[] = [];
  const narrowed = new Map<Atom, Atom[]>();
  const narrow = (atom: Atom, axis: number, size: number): Atom => {
    const known = narrowed.get(atom) ?? [];
    const { shape } = withSize(atom, axis, size).aval;
    const found = known.find(({ aval }) => `${aval.shape}` === `${shape}`);
    if (found) return found;
    const cut = shrink(atom, axis, size);
    eqns.push(cut);
    narrowed.set(atom, [...known, cut.outBinders[0]]);
    return cut.outBinders[0];
  };
  for (const equation of needed(jaxpr, sums)) {
    const narrowing = narrowings.get(equation);
    const inputs = equation.inputs.map((input, i) => {
      const axis = narrowing?.axes[i];
      return axis === undefined ? own(input) : narrow(input, axis, places(narrowing!.rows));
    });
    const outBinders = equation.outBinders.map(own);
    const { primitive } = equation;
    eqns.push({ primitive, inputs, outBinders, params: resized(equation, inputs, outBinders) });
  }
  return { inBinders: jaxpr.inBinders.map(own), eqns, outs: [...sums] };
}

const withSize = ({ aval }: Atom, axis: number, size: number): Atom => ({
  aval: { ...aval, shape: aval.shape.with(axis, size) },
});

/** Of numbers that are the same along an axis, fewer. */
function shrink(atom: Atom, axis: number, size: number): Equation {
  const slice = atom.aval.shape.map((length, i) => [0, i === axis ? size : length]);
  return { primitive: "shrink", inputs: [atom], params: { slice }, outBinders: [withSize(atom, axis, size)] };
}

/** Parameters that say sizes, for operands and results of other sizes. */
function resized({ params, inputs }: Equation, [operand]: readonly Atom[], [out]: readonly Atom[]): Equation["params"] {
  if (params?.shape) return { ...params, shape: out.aval.shape };
  if (!params?.slice) return params;
  const before = inputs[0].aval.shape;
  const isAll = ([from, to]: [number, number], axis: number) => to - from === before[axis];
  const slice = params.slice.map((range: [number, number], axis: number) =>
    isAll(range, axis) ? [0, operand.aval.shape[axis]] : range,
  );
  return { ...params, slice };
}

function finishJaxpr(jaxpr: Jaxpr, sums: readonly Atom[], scales: readonly (readonly number[])[]): Jaxpr {
  const addends = scales.map(() => sums.map(({ aval }): Atom => ({ aval })));
  const eqns = sums.flatMap((sum, i) =>
    addedUp(
      sum,
      addends.map((own, shard) => ({ atom: own[i], scale: scales[shard][i] })),
    ),
  );
  return {
    inBinders: [...jaxpr.inBinders, ...addends.flat()],
    eqns: [...eqns, ...needed(jaxpr, jaxpr.outs, new Set(sums))],
    outs: jaxpr.outs,
  };
}

/** The equations that make a sum out of multiples of its terms. */
function addedUp(sum: Atom, terms: readonly { atom: Atom; scale: number }[]): Equation[] {
  const eqns: Equation[] = [];
  const make = (primitive: string, inputs: Atom[], out: Atom = { aval: sum.aval }): Atom => {
    eqns.push({ primitive, inputs, params: {}, outBinders: [out] });
    return out;
  };
  const number = (value: number): Atom => ({ aval: { ...sum.aval, shape: [], weakType: true }, value });
  const multiples = terms.map(({ atom, scale }) => (scale === 1 ? atom : make("mul", [atom, number(scale)])));
  multiples.reduce((total, one, i) => make("add", [total, one], i === multiples.length - 1 ? sum : undefined));
  return eqns;
}
