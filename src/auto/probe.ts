import type { Candidate } from "./candidates.ts";
import { stepsPerEpoch } from "./plan.ts";
import { type Examples, runUnit, type Unit } from "./unit.ts";

/** How long a unit takes before its first step, and per step, in seconds. */
export type Cost = { startup: number; step: number };

/** What units cost, by the name of their candidate. */
export type Costs = ReadonlyMap<Candidate["name"], Cost>;

/** No more steps than these are measured. */
const STEPS = 400;
/** Of rows taken in batches so many batches are enough: what is done between passes over all rows must not count with every step. */
export const PROBE_BATCHES = 16;

/**
 * Measures a candidate's steps on batches of its own size, the second time that it is run: for a fraction of a second V8 runs new code half as fast,
 * which says little about a minute. The mean, not the median: time that other programs take counts, for they will take it from the training, too.
 *
 * @param seconds that are enough.
 */
export async function probe(unit: Unit, training: Examples, seconds: number): Promise<Cost> {
  await timed(unit, training, seconds);
  return timed(unit, training, seconds);
}

async function timed(unit: Unit, training: Examples, seconds: number): Promise<Cost> {
  const perEpoch = stepsPerEpoch(training.x.shape[0], unit.batchSize);
  const began = performance.now();
  let [first, last, steps] = [0, 0, 0];
  await runUnit({ ...unit, epochs: Math.ceil(STEPS / perEpoch) }, training, training.x, () => {
    last = performance.now();
    first ||= last;
    steps += perEpoch;
    return last - first < 1000 * seconds;
  });
  const step = steps > perEpoch ? (last - first) / (steps - perEpoch) : 0;
  return { startup: (performance.now() - began - steps * step) / 1000, step: step / 1000 };
}
