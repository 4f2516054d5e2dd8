import type { Tuning } from "./messages.ts";

/** Steps over which the learning rate falls, where it is to fall. */
export const DECAY_STEPS = 1500;
/** Where it ends, as a share: training here has no end at which it could be 0. */
const FLOOR = 0.02;

/** A half cosine from the learning rate to a fiftieth of it, which stays. */
export function learningRateAt(step: number, { learningRate, decay }: Pick<Tuning, "learningRate" | "decay">): number {
  if (!decay) return learningRate;
  const done = Math.min(1, step / DECAY_STEPS);
  return learningRate * (FLOOR + (1 - FLOOR) * 0.5 * (1 + Math.cos(Math.PI * done)));
}
