import { sizeOf } from "../../tensor.ts";
import type { Jaxpr } from "../jaxpr.ts";
import { type Program, programOf, type Target } from "../program.ts";
import type { TracedFunction } from "../traced.ts";
import { workOfTrace } from "../work.ts";
import { divide, rowsOfShard } from "./divide.ts";
import type { Given } from "./plan.ts";

/** A function compiled in shards, which all run before `finish`; its results and slots are those of `finish`, whose last inputs are the addends. */
export interface ShardedProgram {
  /** Shapes of the arguments' leaves. */
  readonly leaves: readonly (readonly number[])[];
  /** Positions of the leaves that are divided by their first axis. */
  readonly divided: ReadonlySet<number>;
  /** Of as many rows the same object. Each makes its addends, in order. */
  readonly shards: readonly Program[];
  readonly finish: Program;
  /** Shapes of the addends of one shard. */
  readonly sums: readonly (readonly number[])[];
}

/** How to divide: see {@link shardProgram}. */
export type ShardOptions = Target & {
  readonly threads: number;
  /** Positions of the leaves whose first axis may be divided. */
  readonly rows: readonly number[];
  /** Positions of the leaves that loops can reach. */
  readonly held: readonly number[];
  /** How many shards, whether it is worth it or not. Default as many as are. */
  readonly shards?: number;
};

/**
 * Numbers made (see work.ts) from which on another thread for them is worth what it takes to tell it and to wait for it: measured on two cores. And those
 * that take as long as to add one: an estimate, for more.
 */
const [LEAST, PER_ADDEND] = [200_000, 0.5];

/** Compiles a traced function in shards; undefined where that cannot be done, or is not worth it. */
export function shardProgram(
  traced: TracedFunction,
  { threads, rows, held, shards, ...target }: ShardOptions,
): ShardedProgram | undefined {
  if (threads < 2) return undefined;
  const { jaxpr, constants } = traced;
  const leaves = jaxpr.inBinders.slice(constants.length).map(({ aval }) => aval.shape);
  const divided = new Set(rows.filter((position) => leaves[position].length > 0));
  const fixed = constants.map(({ repeats }): Given => (repeats ? "uniform" : "whole"));
  const given = leaves.map((_, position): Given => (divided.has(position) ? "rows" : "whole"));
  const division = divide(jaxpr, [...fixed, ...given]);
  if (!division) return undefined;
  const sums = division.sums.map(({ shape }) => shape);
  const fewest = Math.min(...[...divided].map((position) => leaves[position][0]));
  const count = Math.min(shards ?? worth(2 * workOfTrace(division.shards(2)[0]), sums), threads, fewest);
  if (count < 2) return undefined;
  const programs = new Map<Jaxpr, Program>();
  const compiled = division.shards(count).map((part) => {
    const program =
      programs.get(part) ?? programOf({ ...traced, jaxpr: part }, { alone: true, loose: true, ...target });
    programs.set(part, program);
    return program;
  });
  const finish = division.finish(compiled.map(({ scales }) => scales));
  const addends = Array.from({ length: count * sums.length }, (_, i) => leaves.length + i);
  return {
    leaves,
    divided,
    shards: compiled,
    finish: programOf({ ...traced, jaxpr: finish }, { held: [...held, ...addends], ...target }),
    sums,
  };
}

/** How many shards are worth it: n of them take work / n, and one thread adds up what all of them make. */
function worth(work: number, sums: readonly (readonly number[])[]): number {
  const addends = sums.reduce((total, shape) => total + sizeOf(shape), 0);
  return Math.floor(Math.min(work / LEAST, Math.sqrt(work / (addends * PER_ADDEND))));
}

/** A shard's share of the numbers of a leaf, by their places. */
export function shareOf(shape: readonly number[], part: number, shards: number) {
  const [from, to] = rowsOfShard(shape[0], part, shards);
  const width = sizeOf(shape.slice(1));
  return { from: from * width, to: to * width, shape: [to - from, ...shape.slice(1)] };
}
