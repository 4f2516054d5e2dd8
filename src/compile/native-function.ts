// Functions run by ONNX Runtime. Loaded only where it is wanted: the package is optional, and a browser has none.
import type { Params } from "../nn/layer.ts";
import type { ParamTensors } from "../params.ts";
import type { Batch, CompiledFunction } from "./compile.ts";
import { HostBatch } from "./host-batch.ts";
import { programOf } from "./program.ts";
import { type Float32Tensor, type Runtime, Session, zeroTensor } from "./session.ts";
import { shardProgram } from "./shard/program.ts";
import { layOut } from "./shard/sharded-session.ts";
import { traceFunction } from "./traced.ts";

/** A function compiled for some shapes: from the leaves of its arguments to its results. */
type Compiled = { run(leaves: readonly Float32Tensor[]): Promise<ParamTensors>; dispose(): Promise<void> };

/** A function run by ONNX Runtime, compiled once for every combination of shapes it is called with. */
export function nativeFunction(runtime: Runtime, fn: (...args: never[]) => Params): CompiledFunction {
  const known = new Map<string, Promise<Compiled>>();
  const call = async (...args: (ParamTensors | Batch)[]) => {
    const batches = args.map((arg) => (arg instanceof HostBatch ? arg : new HostBatch(runtime, arg as ParamTensors)));
    // Batches are what has been uploaded: many calls use the same, and their rows may be divided among threads.
    const isBatch = args.flatMap((arg, i) => batches[i].leaves.map(() => arg instanceof HostBatch));
    const key = batches.map(({ shapes }) => shapes).join(";") + isBatch;
    const compiled = known.get(key) ?? compile(runtime, fn, batches, isBatch);
    known.set(key, compiled);
    compiled.catch(() => known.delete(key));
    return (await compiled).run(batches.flatMap(({ leaves }) => leaves));
  };
  return Object.assign(call, {
    upload: (tensors: ParamTensors) => new HostBatch(runtime, tensors),
    dispose: async () => {
      for (const compiled of known.values()) await (await compiled).dispose();
    },
  });
}

async function compile(
  runtime: Runtime,
  fn: (...args: never[]) => Params,
  batches: readonly HostBatch[],
  isBatch: readonly boolean[],
): Promise<Compiled> {
  const { ort, threads, target } = runtime;
  const traced = traceFunction(
    fn,
    batches.map(({ tensors }) => tensors),
    target,
  );
  const rows = [...isBatch.keys()].filter((position) => isBatch[position]);
  const sharded = shardProgram(traced, { threads, rows, held: [], ...target });
  const placed = sharded && layOut(runtime, sharded, { held: [], copied: [...isBatch.keys()] });
  if (!placed) {
    const session = await Session.start(runtime, programOf(traced, { alone: threads === 1, ...target }));
    const { outputs, unflatten } = session.program;
    return {
      async run(leaves) {
        const results = outputs.map((shape) => zeroTensor(ort, shape));
        await session.run(leaves, results);
        return unflatten(results.map(({ data }, i) => ({ data, shape: outputs[i] }))) as ParamTensors;
      },
      dispose: () => session.dispose(),
    };
  }
  const { slots } = placed;
  const session = await placed.start();
  const { outputs, unflatten } = sharded.finish;
  // The slots are there once, so calls take turns.
  let last: Promise<unknown> = Promise.resolve();
  return {
    run(leaves) {
      const results = last.then(async () => {
        await session.run(leaves, slots);
        return unflatten(outputs.map((shape, i) => ({ data: slots[i].data.slice(), shape }))) as ParamTensors;
      });
      last = results.catch(() => {});
      return results;
    },
    dispose: () => session.dispose(),
  };
}
