import type { Jaxpr } from "../jaxpr.ts";
import { type Program, programOf, type Target, type TracedFunction } from "../program.ts";
import { workOfTrace } from "../work.ts";
import { type Given, rowsOfShard, shard } from "./shard.ts";

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
  readonly shards: number;
  /** Positions of the leaves whose first axis may be divided. */
  readonly rows: readonly number[];
  /** Positions of the leaves that loops can reach. */
  readonly held: readonly number[];
  /** Work that a shard must have for it to be worth it. */
  readonly least?: number;
};

/** Numbers made from which on another thread for them is worth what it takes to start and to wait for it. Measured. */
const LEAST = 200_000;

/** Compiles a traced function in shards; undefined where that cannot be done, or is not worth it. */
export function shardProgram(
  traced: TracedFunction,
  { shards, rows, held, least = LEAST, ...target }: ShardOptions,
): ShardedProgram | undefined {
  if (shards < 2) return undefined;
  const { jaxpr, constants } = traced;
  const leaves = jaxpr.inBinders.slice(constants.length).map(({ aval }) => aval.shape);
  const divided = new Set(rows.filter((position) => leaves[position].length > 0 && leaves[position][0] >= shards));
  const fixed = constants.map(({ repeats }): Given => (repeats ? "uniform" : "whole"));
  const given = leaves.map((_, position): Given => (divided.has(position) ? "rows" : "whole"));
  const parts = shard(jaxpr, [...fixed, ...given], shards);
  if (!parts || workOfTrace(parts.shards[0]) < least) return undefined;
  const programs = new Map<Jaxpr, Program>();
  for (const part of new Set(parts.shards))
    programs.set(part, programOf({ ...traced, jaxpr: part }, { alone: true, loose: true, ...target }));
  const compiled = parts.shards.map((part) => programs.get(part)!);
  const finish = parts.finish(compiled.map(({ scales }) => scales));
  const addends = Array.from({ length: shards * parts.sums.length }, (_, i) => leaves.length + i);
  return {
    leaves,
    divided,
    shards: compiled,
    finish: programOf({ ...traced, jaxpr: finish }, { held: [...held, ...addends], ...target }),
    sums: parts.sums.map(({ shape }) => shape),
  };
}

/** A shard's share of the numbers of a leaf, by their places. */
export function shareOf(shape: readonly number[], part: number, shards: number) {
  const [from, to] = rowsOfShard(shape[0], part, shards);
  const width = shape.slice(1).reduce((a, b) => a * b, 1);
  return { from: from * width, to: to * width, shape: [to - from, ...shape.slice(1)] };
}
