import type { Worker } from "node:worker_threads";
import { GmnmError, reasonOf } from "../../errors.ts";
import { sayOnce } from "../fallback.ts";
import {
  type Answer,
  BUSY,
  CALLS,
  change,
  DONE,
  ENDING,
  type Job,
  NUMBERS,
  type Order,
  OUTCOME,
  PENDING,
  TASK,
  waitWhile,
} from "./signals.ts";

/** How long to wait for a shard before looking whether its thread is still there, and for what a thread is at when the process ends. */
const [LOOK_MS, LONGEST_MS] = [200, 10_000];

/** A thread of this process that computes shards (crew-worker.ts). It does not keep the process from ending. */
export class Hand {
  readonly #worker: Worker;
  readonly #numbers = new Int32Array(new SharedArrayBuffer(4 * NUMBERS));
  readonly #awaited = new Map<number, { done: () => void; fail: (error: Error) => void }>();
  /** Why it is no more. */
  #lost: Error | undefined;

  get isLost(): boolean {
    return this.#lost !== undefined;
  }

  constructor() {
    const { Worker } = process.getBuiltinModule("node:worker_threads");
    const file = import.meta.url.endsWith(".ts") ? "./crew-worker.ts" : "./crew-worker.js";
    // What has been compiled in this thread need not be compiled again.
    const compiled = process.getBuiltinModule("node:module").getCompileCacheDir();
    const env = { ...process.env, ...(compiled && { NODE_COMPILE_CACHE: compiled }) };
    this.#worker = new Worker(new URL(file, import.meta.url), { workerData: this.#numbers, env });
    this.#worker.on("message", ({ id, error }: Answer) => {
      const waiting = this.#awaited.get(id);
      this.#awaited.delete(id);
      if (error === undefined) waiting?.done();
      else waiting?.fail(new GmnmError(error));
    });
    this.#worker.on("error", (error) => this.#lose(error as Error));
    this.#worker.on("exit", () => this.#lose(new GmnmError("a thread has ended")));
    // Behind the listeners: each makes the process wait again.
    this.#worker.unref();
  }

  /** Resolves when the job can be started. */
  async assign(job: Job): Promise<void> {
    if (this.#lost) throw this.#lost;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#awaited.set(job.id, { done: resolve, fail: reject });
    this.#send(job);
    await promise;
  }

  release = (id: number): void => this.#send({ over: id });

  start(id: number): void {
    Atomics.store(this.#numbers, OUTCOME, PENDING);
    Atomics.store(this.#numbers, TASK, id);
    this.#call();
  }

  /** Waits for what was started; resolves to whether it was done. */
  async finish(): Promise<boolean> {
    while (!waitWhile(this.#numbers, OUTCOME, PENDING, LOOK_MS)) {
      // That a thread has ended is heard between other events only.
      await new Promise((resolve) => setImmediate(resolve));
      if (this.isLost) return false;
    }
    return Atomics.load(this.#numbers, OUTCOME) === DONE;
  }

  /** Before the process ends: waits until the thread has done what it is at, and keeps it from more. */
  retire(): void {
    Atomics.store(this.#numbers, ENDING, 1);
    waitWhile(this.#numbers, BUSY, 1, LONGEST_MS);
  }

  #lose(error: Error): void {
    this.#lost ??= error;
    for (const { fail } of this.#awaited.values()) fail(this.#lost);
  }

  #send(order: Order): void {
    this.#worker.postMessage(order);
    this.#call();
  }

  #call = (): void => change(this.#numbers, CALLS, Atomics.load(this.#numbers, CALLS) + 1);
}

const crew: Hand[] = [];
const retire = (): void => {
  for (const hand of crew) hand.retire();
};
let turn: Promise<unknown> = Promise.resolve();

/** So many threads beside this one, or as many as this process may have. They are started once, and anew when they were lost. */
export function startCrew(size: number): Hand[] {
  if (crew.length === 0) process.once("exit", retire);
  try {
    for (let i = 0; i < size; i++) if (!crew[i] || crew[i].isLost) crew[i] = new Hand();
  } catch (error) {
    sayWhy(error); // such as Node's permission model
  }
  return crew.slice(0, size);
}

/** Says why there are fewer threads than asked for. */
export const sayWhy = (error: unknown): void => sayOnce(`gmnm: training runs in fewer threads: ${reasonOf(error)}`);

/** Runs something that the crew takes part in, after whatever it takes part in already. */
export function inTurn<T>(run: () => Promise<T>): Promise<T> {
  const result = turn.then(run);
  turn = result.catch(() => {});
  return result;
}
