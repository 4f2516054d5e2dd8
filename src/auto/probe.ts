import { takeRows } from "../tensor.ts";
import { type Examples, runUnit, type Unit } from "./unit.ts";

/** How long a unit takes before its first step, and per step, in seconds. */
export type Cost = { startup: number; step: number };

/** Enough for a median, few enough to cost next to nothing. */
const STEPS = 24;

/** Measures a candidate's steps on a batch of its own size. Wall time: what else runs on the machine counts. */
export async function probe(unit: Unit, training: Examples): Promise<Cost> {
  const size = Math.min(training.x.shape[0], unit.batchSize ?? Infinity);
  const rows = Uint32Array.from({ length: size }, (_, i) => i);
  const batch = { x: takeRows(training.x, rows), y: takeRows(training.y, rows) };
  const times: number[] = [];
  const began = performance.now();
  await runUnit({ ...unit, epochs: STEPS, batchSize: unit.batchSize === null ? null : size }, batch, batch.x, () =>
    times.push(performance.now()),
  );
  const total = performance.now() - began;
  const steps = times.slice(1).map((time, i) => time - times[i]);
  const step = steps.sort((a, b) => a - b)[Math.floor(steps.length / 2)] ?? 0;
  return { startup: Math.max(0, total - STEPS * step) / 1000, step: step / 1000 };
}
