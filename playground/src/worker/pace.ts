// How fast training goes on, and how often it is shown.
import type { State } from "../state/state.ts";

/** Steps per second; "fast" is as many as there can be. */
export const stepsPerSecond: Record<State["speed"], number> = { slow: 8, normal: 90, fast: Number.POSITIVE_INFINITY };

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
