// How threads that share memory tell each other to go on: by numbers, since a message takes as long as a small step.
import type { ModelAndLoops } from "../program.ts";

/**
 * Places in the numbers that a thread shares with the one it works for: how often it was called, what to run (0: nothing), how that went, whether it
 * is at work (1), and whether the process is ending (1).
 */
export const [CALLS, TASK, OUTCOME, BUSY, ENDING] = [0, 1, 2, 3, 4];
export const NUMBERS = 5;
export const [PENDING, DONE, FAILED] = [0, 1, 2];

/** An array in shared memory. */
export type Placed = { readonly shape: readonly number[]; readonly offset: number };

/** A program that a thread is to run whenever it is called for. */
export type Job = {
  /** From 1 on. */
  readonly id: number;
  readonly shard: number;
  readonly program: ModelAndLoops;
  /** Shared; as most of TypeScript has it, like any other. */
  readonly memory: ArrayBuffer;
  readonly slots: readonly Placed[];
  /** What it reads; where that lies is written into `offsets` before each run, in this order. */
  readonly inputs: readonly { readonly position: number; readonly shape: readonly number[] }[];
  readonly offsets: Uint32Array;
};

/** What is sent to a thread: a job to prepare, or the number of one that is over. */
export type Order = Job | { readonly over: number };
/** What it answers: that a job is prepared, or why it is not, or why its run failed. */
export type Answer = { readonly id: number; readonly error?: string };

/** Tells whoever waits that a number is another now. */
export function change(numbers: Int32Array, place: number, value: number): void {
  Atomics.store(numbers, place, value);
  Atomics.notify(numbers, place);
}

/**
 * Waits until a number is another: awake for some milliseconds, since to wake takes 50 µs, then asleep.
 *
 * @param limit - milliseconds asleep after which it gives up. Returns whether the number is another.
 */
export function waitWhile(numbers: Int32Array, place: number, value: number, limit = Infinity): boolean {
  const until = performance.now() + AWAKE_MS;
  do {
    for (let i = 0; i < 200; i++) if (Atomics.load(numbers, place) !== value) return true;
  } while (performance.now() < until);
  return Atomics.wait(numbers, place, value, limit) !== "timed-out";
}

const AWAKE_MS = 2;
