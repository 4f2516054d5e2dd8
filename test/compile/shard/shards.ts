// Functions computed in shards and whole, side by side.

import { channelBlockOf } from "../../../src/compile/channel-block.ts";
import { programOf } from "../../../src/compile/program.ts";
import { loadRuntime, ortTensor, type Runtime, Session } from "../../../src/compile/session.ts";
import { shardProgram } from "../../../src/compile/shard/program.ts";
import { layOut } from "../../../src/compile/shard/sharded-session.ts";
import { traceFunction } from "../../../src/compile/traced.ts";
import { namedTensors, type ParamTensors } from "../../../src/params.ts";
import { sizeOf, type Tensor } from "../../../src/tensor.ts";

type Fn = (...args: never[]) => unknown;

async function runtime(): Promise<Runtime> {
  const ort = (await loadRuntime())!;
  return { ort, threads: 1, target: { channelBlock: await channelBlockOf(ort) } };
}

const leavesOf = (args: readonly ParamTensors[]): Tensor[] =>
  args.flatMap((arg) => namedTensors(arg).map(([, leaf]) => leaf));

/** Results of a function, one after another, by one program. */
export async function computeWhole(fn: Fn, args: readonly ParamTensors[]): Promise<Float32Array[]> {
  const native = await runtime();
  const program = programOf(traceFunction(fn, args, native.target), native.target);
  const session = await Session.start(native, program);
  const results = program.outputs.map((shape) => ({ data: new Float32Array(sizeOf(shape)), shape }));
  await session.run(
    leavesOf(args).map((leaf) => ortTensor(native.ort, leaf)),
    results.map((result) => ortTensor(native.ort, result)),
  );
  await session.dispose();
  return results.map(({ data }) => data);
}

/**
 * The same in shards, of the rows of the last argument's leaves; undefined where that cannot be done. Resolves to the results of every run.
 *
 * @param until - whether to run again.
 */
export async function computeInShards(
  fn: Fn,
  args: readonly ParamTensors[],
  { shards = 2, until = async (_: number) => false } = {},
): Promise<Float32Array[][] | undefined> {
  const native = await runtime();
  const leaves = leavesOf(args);
  const rows = [...leaves.keys()].slice(-namedTensors(args.at(-1)!).length);
  const traced = traceFunction(fn, args, native.target);
  const program = shardProgram(traced, { threads: shards, shards, rows, held: [], ...native.target });
  if (!program) return undefined;
  const { slots, start } = layOut(native, program, { held: [], copied: [...leaves.keys()] })!;
  const session = await start();
  const inputs = leaves.map((leaf) => ortTensor(native.ort, leaf));
  const runs: Float32Array[][] = [];
  do {
    await session.run(inputs, slots);
    runs.push(program.finish.outputs.map((_, i) => slots[i].data.slice()));
  } while (await until(runs.length));
  await session.dispose();
  return runs;
}
