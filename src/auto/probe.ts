import type { Candidate } from "./candidates.ts";
import { type Examples, runUnit, type Unit } from "./unit.ts";

/** How long a unit takes before its first step, and per step, in seconds. */
export type Cost = { startup: number; step: number };

/** What units cost, by the name of their candidate. */
export type Costs = ReadonlyMap<Candidate["name"], Cost>;

/** Measured are so many steps, or so many seconds of them, whichever comes first. */
const [STEPS, SECONDS] = [400, 0.25];

/**
 * Measures a candidate's steps on a batch of its own size, the second time that it is run: for a fraction of a second V8 runs new code half as fast,
 * which says little about a minute. The mean, not the median: time that other programs take counts, for they will take it from the training, too.
 */
export async function probe(unit: Unit, batch: Examples): Promise<Cost> {
  await timed(unit, batch);
  return timed(unit, batch);
}

async function timed(unit: Unit, batch: Examples): Promise<Cost> {
  const began = performance.now();
  let [first, last, steps] = [0, 0, 0];
  await runUnit({ ...unit, epochs: STEPS }, batch, batch.x, () => {
    last = performance.now();
    first ||= last;
    steps++;
    return last - first < 1000 * SECONDS;
  });
  const step = steps > 1 ? (last - first) / (steps - 1) : 0;
  return { startup: (performance.now() - began - steps * step) / 1000, step: step / 1000 };
}
