import { GmnmError } from "../errors.ts";
import type { Schedule } from "./transform.ts";

/** The same learning rate at every step. */
export function constant(learningRate: number): Schedule {
  expectRate("learningRate", learningRate);
  return () => learningRate;
}

/**
 * Half a cosine from `peak` down to `end` · peak over the whole run, after a linear warm-up over the first `warmup` share of it.
 * I. Loshchilov, F. Hutter, "SGDR", arXiv:1608.03983 (without restarts).
 *
 * @example
 * ```ts
 * const optimizer = adam({ learningRate: cosine(0.03, { warmup: 0.05 }) });
 * ```
 */
export function cosine(peak: number, { end = 0, warmup: share = 0 }: { end?: number; warmup?: number } = {}): Schedule {
  expectRate("the peak of cosine", peak);
  if (!(end >= 0 && end <= 1)) throw new GmnmError(`end must be a share of the peak in [0, 1], got ${end}`);
  const decay: Schedule = (step, total) => {
    const progress = Math.min(1, step / Math.max(1, total));
    return peak * (end + (1 - end) * 0.5 * (1 + Math.cos(Math.PI * progress)));
  };
  return share === 0 ? decay : warmup(share, decay);
}

/** A linear rise from 0 over the first `share` of the run, then another schedule over the rest. */
export function warmup(share: number, then: Schedule): Schedule {
  if (!(share >= 0 && share < 1)) throw new GmnmError(`warm-up must be a share of the run in [0, 1), got ${share}`);
  return (step, total) => {
    const steps = Math.round(share * total);
    return step < steps ? then(0, total - steps) * ((step + 1) / (steps + 1)) : then(step - steps, total - steps);
  };
}

/** A number as a constant schedule; a schedule as it is. */
export function toSchedule(learningRate: number | Schedule): Schedule {
  return typeof learningRate === "function" ? learningRate : constant(learningRate);
}

function expectRate(name: string, rate: number): void {
  if (!(rate > 0 && rate < Infinity)) throw new GmnmError(`${name} must be a number above 0, got ${rate}`);
}
