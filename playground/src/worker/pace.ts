// How fast training goes on, and how often it is shown.
import type { State } from "../state/state.ts";

/** Steps per second; "fast" is as many as there can be. */
const stepsPerSecond: Record<State["speed"], number> = { slow: 8, normal: 90, fast: Number.POSITIVE_INFINITY };

/** Steps beside the clock. */
export class Pace {
  #speed: State["speed"] = "normal";
  #began = performance.now();
  #taken = 0;

  /** Counts anew, as after a pause. */
  restart(): void {
    this.#began = performance.now();
    this.#taken = 0;
  }

  /** From now on with this speed. */
  go(speed: State["speed"]): void {
    if (speed === this.#speed) return;
    this.#speed = speed;
    this.restart();
  }

  count(): void {
    this.#taken++;
  }

  /** As many steps as there may be by now have been taken. */
  isAhead(): boolean {
    return this.#taken >= this.#allowed();
  }

  /** A slow machine does not have to catch up. */
  forgive(): void {
    if (this.#taken < 0.5 * this.#allowed()) this.restart();
  }

  #allowed(): number {
    const rate = stepsPerSecond[this.#speed];
    return Number.isFinite(rate) ? 1 + (rate * (performance.now() - this.#began)) / 1000 : rate;
  }
}

/** Milliseconds of training before messages are let in: half a frame of the page. */
export const SLICE = 8;
/** Milliseconds from one frame to the next, at least. */
const FRAME = 30;

/** A frame costs; no more than about half of the time goes into frames. */
export const isDue = (now: number, last: { ended: number; took: number }): boolean =>
  now - last.ended >= Math.max(FRAME - last.took, last.took);

/** Lets messages in. Timers would be held back to 4 ms and more. */
export const breathe: () => Promise<void> = (() => {
  const { port1, port2 } = new MessageChannel();
  const waiting: (() => void)[] = [];
  port1.onmessage = () => waiting.shift()?.();
  return () =>
    new Promise<void>((resolve) => {
      waiting.push(resolve);
      port2.postMessage(0);
    });
})();

export const sleep = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));
