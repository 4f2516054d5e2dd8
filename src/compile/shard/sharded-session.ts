import type { Tensor } from "onnxruntime-node";
import { sizeOf } from "../../tensor.ts";
import { allocate } from "../loops.ts";
import type { Program } from "../program.ts";
import { type Float32Tensor, ortTensor, type Runtime, Session } from "../session.ts";
import { type Hand, inTurn, sayWhy, startCrew } from "./crew.ts";
import { type ShardedProgram, shareOf } from "./program.ts";
import type { Job } from "./signals.ts";

/** Arrays that all threads reach. */
type Shared = {
  readonly memory: WebAssembly.Memory;
  /** By shard, what it adds. */
  readonly addends: readonly (readonly Float32Tensor[])[];
  /** Where the batch's arrays are copied to, by position; the other inputs lie in this memory by themselves. */
  readonly batch: ReadonlyMap<number, Float32Tensor>;
};

/** A shard's share of the batch, by position. */
type Share = ReadonlyMap<number, Float32Tensor>;

/** A thread that was asked to compute a shard from the next run on. */
type Helper = { readonly hand: Hand; readonly job: Job; ready: boolean };

/**
 * A sharded program: every shard in a thread of its own, the first in this one, then what is left to do with their sums. A shard whose thread is not
 * ready is computed in this one, to the same numbers: threads are asked after the first run, for to start one takes longer than to compile a small step.
 */
export class ShardedSession {
  readonly #runtime: Runtime;
  readonly #program: ShardedProgram;
  readonly #shared: Shared;
  readonly #shares: readonly Share[];
  /** This thread's sessions, one for each number of rows that it has had to do with. */
  readonly #sessions = new Map<Program, Session>();
  readonly #finish: Session;
  /** Known from the second run on. */
  #helpers: readonly Helper[] | undefined;
  /** What was copied last, by position. */
  readonly #copied = new Map<number, Tensor>();

  private constructor(runtime: Runtime, program: ShardedProgram, shared: Shared, own: Session, finish: Session) {
    this.#runtime = runtime;
    this.#program = program;
    this.#shared = shared;
    this.#shares = program.shards.map((_, shard) => shareOfBatch(runtime, program, shared, shard));
    this.#sessions.set(program.shards[0], own);
    this.#finish = finish;
  }

  static async start(runtime: Runtime, program: ShardedProgram, shared: Shared): Promise<ShardedSession> {
    const single = { ...runtime, threads: 1 };
    const own = await Session.start(single, program.shards[0]);
    const finish = await Session.start(single, program.finish, shared.memory);
    return new ShardedSession(single, program, shared, own, finish);
  }

  /** Computes everything into the slots. */
  async run(inputs: readonly Tensor[], slots: readonly Float32Tensor[]): Promise<void> {
    const { addends, batch } = this.#shared;
    for (const [position, { data }] of batch) {
      if (this.#copied.get(position) === inputs[position]) continue;
      data.set(inputs[position].data as Float32Array);
      this.#copied.set(position, inputs[position]);
    }
    await inTurn(() => this.#runShards(inputs));
    const sums = addends.flat();
    await this.#finish.run([...inputs, ...sums], [...slots, ...sums]);
    this.#helpers ??= this.#askForHelp();
  }

  async #runShards(inputs: readonly Tensor[]): Promise<void> {
    const helpers = this.#helpers?.filter(({ ready, hand }) => ready && !hand.isLost) ?? [];
    for (const { hand, job } of helpers) {
      const arrays = job.inputs.map(({ position }) => this.#shares[job.shard].get(position) ?? inputs[position]);
      for (const [i, { data }] of arrays.entries()) job.offsets[i] = (data as Float32Array).byteOffset;
      hand.start(job.id);
    }
    const helped = new Set(helpers.map(({ job }) => job.shard));
    const left = [...this.#shares.keys()].filter((shard) => !helped.has(shard));
    try {
      for (const shard of left) await this.#runShard(shard, inputs);
    } finally {
      for (const { hand, job } of helpers) if (!(await hand.finish())) helped.delete(job.shard);
    }
    // What a thread could not do is done here, or says here why it cannot be.
    for (const { job } of helpers) if (!helped.has(job.shard)) await this.#runShard(job.shard, inputs);
  }

  async #runShard(shard: number, inputs: readonly Tensor[]): Promise<void> {
    const program = this.#program.shards[shard];
    const session = this.#sessions.get(program) ?? (await Session.start(this.#runtime, program));
    this.#sessions.set(program, session);
    const arrays = inputs.map((input, position) => this.#shares[shard].get(position) ?? input);
    await session.run(arrays, this.#shared.addends[shard]);
  }

  /** A thread that cannot help leaves its shard to this one. */
  #askForHelp(): Helper[] {
    return startCrew(this.#shares.length - 1).map((hand, i) => {
      const job = jobFor(this.#program, i + 1, this.#shares[i + 1], this.#shared);
      const helper = { hand, job, ready: false };
      const ready = () => Object.assign(helper, { ready: true });
      hand.assign(job).then(ready, sayWhy);
      return helper;
    });
  }

  async dispose(): Promise<void> {
    for (const { hand, job } of this.#helpers ?? []) hand.release(job.id);
    for (const session of [...this.#sessions.values(), this.#finish]) await session.dispose();
  }
}

/**
 * A sharded program in memory that all threads reach: the slots of its finish but for the addends, and how to start it. Undefined where there is no
 * room for it.
 *
 * @param held - shapes of the inputs that loops reach, but for the addends.
 * @param copied - positions of the inputs that do not lie in this memory.
 */
export function layOut(
  runtime: Runtime,
  program: ShardedProgram,
  { held, copied }: { held: readonly (readonly number[])[]; copied: readonly number[] },
): { slots: Float32Tensor[]; start: () => Promise<ShardedSession> } | undefined {
  const { finish, shards, sums, leaves } = program;
  const groups = [
    [...finish.outputs, ...finish.extras, ...held],
    copied.map((position) => leaves[position]),
    ...shards.map(() => sums),
  ];
  const room = allocate(groups.flat().map(sizeOf), { shared: true });
  if (!room) return undefined;
  const arrays = room.arrays.values();
  const [slots, copies, ...addends] = groups.map((shapes) =>
    shapes.map((shape) => ortTensor(runtime.ort, { data: arrays.next().value!, shape })),
  );
  const batch = new Map(copied.map((position, i) => [position, copies[i]]));
  const shared = { memory: room.memory, addends, batch };
  return { slots, start: () => ShardedSession.start(runtime, program, shared) };
}

function shareOfBatch({ ort }: Runtime, { divided, shards }: ShardedProgram, { batch }: Shared, shard: number): Share {
  const share = (array: Float32Tensor): Float32Tensor => {
    const { from, to, shape } = shareOf(array.dims, shard, shards.length);
    return ortTensor(ort, { data: array.data.subarray(from, to) as Float32Array<ArrayBuffer>, shape });
  };
  return new Map([...batch].map(([at, array]) => [at, divided.has(at) ? share(array) : array]));
}

let jobs = 0;

function jobFor({ shards, leaves }: ShardedProgram, shard: number, share: Share, shared: Shared): Job {
  const { unflatten: _, ...program } = shards[shard];
  const inputs = program.inputs.map(({ position }) => ({
    position,
    shape: share.get(position)?.dims ?? leaves[position],
  }));
  return {
    id: ++jobs,
    shard,
    program,
    memory: shared.memory.buffer as ArrayBuffer,
    slots: shared.addends[shard].map(({ dims, data }) => ({ shape: dims, offset: data.byteOffset })),
    inputs,
    offsets: new Uint32Array(new SharedArrayBuffer(4 * inputs.length)),
  };
}
