// Steps run by ONNX Runtime. Loaded only where it is wanted: the package is optional, and a browser has none.
import { type numpy as np, tree } from "@jax-js/jax";
import { GmnmError } from "../errors.ts";
import type { Params } from "../nn/layer.ts";
import {
  mapParams,
  mapTensors,
  namedArrays,
  namedTensors,
  type ParamTensors,
  placeParams,
  readParams,
} from "../params.ts";
import { showShape, sizeOf, type Tensor, toTensor } from "../tensor.ts";
import type { Batch, CompiledStep, Scalars, Step, StepStart } from "./compile.ts";
import { HostBatch, leavesOf } from "./host-batch.ts";
import { allocate } from "./loops.ts";
import { type Program, programOf } from "./program.ts";
import { repeatedNumber } from "./repeated.ts";
import { type Float32Tensor, ortTensor, type Runtime, Session } from "./session.ts";
import { shardProgram } from "./shard/program.ts";
import { layOut, type ShardedSession } from "./shard/sharded-session.ts";
import { traceFunction } from "./traced.ts";

const empty = (shape: readonly number[]) => ({ data: new Float32Array(sizeOf(shape)), shape });

/** What an array of an optimiser's state holds at the start: mostly zeros, which need not be read. */
function begunAt(array: np.Array): Tensor {
  const { data, shape } = empty(array.shape);
  const repeated = repeatedNumber(array);
  if (repeated === undefined) return toTensor(array.ref);
  return { data: repeated === 0 ? data : data.fill(repeated), shape };
}

/** A tree of an example's form with copies of the numbers of tensors in order. */
function copyOf(example: ParamTensors, tensors: readonly Float32Tensor[]): ParamTensors {
  let next = 0;
  return mapTensors(example, ({ shape }) => ({ data: tensors[next++].data.slice(), shape })) as ParamTensors;
}

/**
 * What a step returns, in the order of what it takes: results change places with inputs, and objects may have their keys in any order.
 * @throws GmnmError naming an array that is missing or of another shape.
 */
function inOrderOf(taken: ParamTensors, returned: Params): Params {
  const arrays = new Map(namedArrays(returned));
  const paths = namedTensors(taken).map(([path]) => path);
  let next = 0;
  return mapTensors(taken, ({ shape }) => {
    const path = paths[next++];
    const array = arrays.get(path);
    const found = array ? `of shape ${showShape(array.shape)}` : "not";
    if (!array || showShape(array.shape) !== showShape(shape))
      throw new GmnmError(`the step takes "${path}" of shape ${showShape(shape)} and returns it ${found}`);
    return array;
  }) as Params;
}

/** What a step needs for batches of some shapes: a session, and where what is neither parameter nor state goes. */
type Prepared<M extends string> = {
  key: string;
  session: Session | ShardedSession;
  metrics: [M, Float32Tensor][];
  extras: Float32Tensor[];
  scalars: Float32Tensor[];
};

/** A step run by ONNX Runtime. Parameters and state change places with spare tensors of their size at every step. */
export class NativeStep<M extends string> implements CompiledStep<M> {
  readonly #runtime: Runtime;
  readonly #step: Step<M>;
  readonly #params: ParamTensors;
  readonly #state: ParamTensors;
  #current: Float32Tensor[];
  #spare: Float32Tensor[] = [];
  #prepared: Prepared<M> | undefined;

  constructor(runtime: Runtime, step: Step<M>, start: StepStart) {
    this.#runtime = runtime;
    this.#step = step;
    this.#params = start.params;
    const state = start.state(placeParams(start.params));
    this.#state = mapParams(state, begunAt) as ParamTensors;
    tree.dispose(state);
    const params = leavesOf(this.#params).map(({ data, shape }) => ({ data: data.slice(), shape }));
    this.#current = [...params, ...leavesOf(this.#state)].map((leaf) => ortTensor(runtime.ort, leaf));
  }

  upload = (batch: ParamTensors): HostBatch => new HostBatch(this.#runtime, batch);

  /** Compiles for the shapes of a batch and the names of scalars; what was learnt moves to where the new program works. */
  async prepare(batch: HostBatch, scalars: Scalars): Promise<Prepared<M>> {
    const names = Object.keys(scalars);
    const key = `${batch.shapes}${names}`;
    if (this.#prepared?.key === key) return this.#prepared;
    const { program, slots, start } = this.#compile(batch, names);
    const session = await start();
    this.#prepared?.session.dispose();
    const take = (count: number) => slots.splice(0, count);
    const results = take(program.outputs.length);
    const extras = take(program.extras.length);
    const current = take(this.#current.length);
    for (const [i, { data }] of this.#current.entries()) current[i].data.set(data);
    [this.#current, this.#spare] = [current, results.slice(0, current.length)];
    const [, , named] = program.unflatten(results) as [unknown, unknown, Record<M, Float32Tensor>];
    const metrics = Object.entries<Float32Tensor>(named) as [M, Float32Tensor][];
    this.#prepared = { key, session, metrics, extras, scalars: slots };
    return this.#prepared;
  }

  /** The program, tensors for all its slots, and how to start it. Where there is no room for loops, the model makes everything. */
  #compile(batch: HostBatch, names: readonly string[]) {
    const { ort, threads, target } = this.#runtime;
    const kept = this.#current.map(({ dims }) => dims);
    const scalars = names.map((name) => [name, empty([])] as const);
    const args = [this.#params, this.#state, batch.tensors, Object.fromEntries(scalars)];
    const step: Step<M> = (...taken) => {
      const [params, state, metrics] = this.#step(...taken);
      return [inOrderOf(this.#params, params), inOrderOf(this.#state, state), metrics];
    };
    const traced = traceFunction(step, args, target);
    const rows = batch.leaves.map((_, i) => kept.length + i);
    const held = [...kept.keys(), ...names.map((_, i) => kept.length + batch.leaves.length + i)];
    const shapes = [...kept, ...names.map(() => [])];
    const sharded = shardProgram(traced, { threads, rows, held, ...target });
    const placed = sharded && layOut(this.#runtime, sharded, { held: shapes, copied: rows });
    if (placed) return { program: sharded.finish, ...placed };

    const alone = threads === 1;
    let program = programOf(traced, { held, alone, ...target });
    const slotsOf = ({ outputs, extras }: Program) => [...outputs, ...extras, ...shapes];
    const room = allocate(slotsOf(program).map(sizeOf));
    if (!room) program = programOf(traced, { alone, ...target });
    const slots = slotsOf(program).map((shape, i) =>
      ortTensor(ort, room ? { data: room.arrays[i], shape } : empty(shape)),
    );
    return { program, slots, start: () => Session.start(this.#runtime, program, room?.memory) };
  }

  async run(batch: Batch, scalars: Scalars): Promise<Record<M, number>> {
    const { leaves } = batch as HostBatch;
    const { session, metrics, extras, scalars: numbers } = await this.prepare(batch as HostBatch, scalars);
    for (const [i, value] of Object.values(scalars).entries()) numbers[i].data[0] = value;
    await session.run(
      [...this.#current, ...leaves, ...numbers],
      [...this.#spare, ...metrics.map(([, one]) => one), ...extras, ...this.#current, ...numbers],
    );
    const found = Object.fromEntries(metrics.map(([name, { data }]) => [name, data[0]])) as Record<M, number>;
    if (Object.values<number>(found).every(Number.isFinite)) {
      [this.#current, this.#spare] = [this.#spare, this.#current];
    }
    return found;
  }

  read = async (): Promise<ParamTensors> => copyOf(this.#params, this.#current);

  readState = async (): Promise<ParamTensors> =>
    copyOf(this.#state, this.#current.slice(leavesOf(this.#params).length));

  async update(change: (params: Params) => Params): Promise<void> {
    const changed = change(placeParams(await this.read()));
    const leaves = leavesOf(readParams(changed));
    tree.dispose(changed);
    for (const [i, leaf] of leaves.entries()) this.#current[i].data.set(leaf.data);
  }

  dispose(): void {
    this.#prepared?.session.dispose();
  }
}
