import type { Atom, Equation, Jaxpr } from "../jaxpr.ts";
import {
  isLate,
  isLinear,
  LATE,
  type Narrowing,
  type Operand,
  type Sharding,
  SUM,
  shardedOf,
  Unshardable,
  WHOLE,
  wholeOf,
} from "./sharding.ts";

/** What is known of an input: it is divided by its first axis, it has the same number everywhere, or neither. */
export type Given = "rows" | "uniform" | "whole";

/** How everything is divided, which equations take less of an operand, and the sums that are needed whole. */
export type Plan = { shardings: Map<Atom, Sharding>; narrowings: Map<Equation, Narrowing>; sums: Set<Atom> };

/**
 * Divides a function; undefined where it does more with its rows than to add up what it makes of each. What is needed of a sum decides what is made of it:
 * that is found out in rounds, few of them and all but the first of them short.
 */
export function planFor(jaxpr: Jaxpr, given: readonly Given[]): Plan | undefined {
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
    return made.includes(SUM) || complete.some(isLate);
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
  if (operands.some(isLate)) throw new Unshardable(equation.primitive);
  const { result, narrowing } = shardedOf(equation, operands, aval.shape);
  // The sum of truths is whether there is any.
  if (result === SUM && aval.dtype === "bool") throw new Unshardable(equation.primitive);
  if (narrowing) narrowings.set(equation, narrowing);
  return result;
}
