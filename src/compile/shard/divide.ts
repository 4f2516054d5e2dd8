import type { Atom, Aval, Equation, Jaxpr } from "../jaxpr.ts";
import { type Given, type Plan, planFor } from "./plan.ts";
import type { Rows } from "./sharding.ts";

/** The rows that a shard has: from the first to before the last. */
export const rowsOfShard = (of: number, shard: number, shards: number): [from: number, to: number] => [
  Math.floor((of * shard) / shards),
  Math.floor((of * (shard + 1)) / shards),
];

/** Divides a function into shards that can run side by side, each with some of the rows; undefined where that cannot be done. */
export function divide(jaxpr: Jaxpr, given: readonly Given[]): Division | undefined {
  const plan = planFor(jaxpr, given);
  return plan && plan.sums.size > 0 ? new Division(jaxpr, plan) : undefined;
}

/** A function divided, and what is left to do with the sums of what its shards make. */
class Division {
  readonly #jaxpr: Jaxpr;
  readonly #plan: Plan;
  /** Shards by how many rows they have. */
  readonly #known = new Map<string, Jaxpr>();
  /** What every shard makes an addend of. */
  readonly sums: readonly Aval[];

  constructor(jaxpr: Jaxpr, plan: Plan) {
    this.#jaxpr = jaxpr;
    this.#plan = plan;
    this.sums = [...plan.sums].map(({ aval }) => aval);
  }

  /** From all inputs, but of rows only the shard's own, to its addends. Shards of as many rows are the same object. */
  shards(count: number): Jaxpr[] {
    const inputs = this.#jaxpr.inBinders.map((atom) => this.#plan.shardings.get(atom));
    const sizes = new Set(inputs.flatMap((input) => (input?.kind === "rows" ? [input.of] : [])));
    return Array.from({ length: count }, (_, shard) => {
      const rowsOf = (of: number) => {
        const [from, to] = rowsOfShard(of, shard, count);
        return to - from;
      };
      const key = `${[...sizes].map(rowsOf)}`;
      const jaxpr = this.#known.get(key) ?? shardJaxpr(this.#jaxpr, this.#plan, rowsOf);
      this.#known.set(key, jaxpr);
      return jaxpr;
    });
  }

  /**
   * From all inputs and the addends, those of one shard after those of another, to the results.
   *
   * @param scales - by shard, what to multiply each addend by.
   */
  finish = (scales: readonly (readonly number[])[]): Jaxpr => finishJaxpr(this.#jaxpr, [...this.#plan.sums], scales);
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
