// The side of a worker process: units and timing probes, one after another.
import type { Tensor } from "../tensor.ts";
import { type Cost, probe } from "./probe.ts";
import { type Examples, encodeUnit, type Unit, unitBytes } from "./unit.ts";

/** A unit, the rows it trains on, and those it predicts. */
export type Job = {
  unit: Unit;
  training: Examples;
  heldOut: Tensor;
  /** Only measures how long it would take, by so many seconds of it. */
  probe?: number;
  /** In milliseconds since 1970; a unit that is not done by then is given up. */
  deadline?: number;
};

/** The bytes of a {@link UnitOutcome}; of a probe, what it costs. */
export type JobResult = { bytes: Uint8Array; cost?: Cost };

/** Runs a job, and reports the share that is done. */
export async function runJob(job: Job, report: (share: number) => void = () => {}): Promise<JobResult> {
  const { unit, training, heldOut, deadline = Infinity } = job;
  if (job.probe) return { bytes: new Uint8Array(), cost: await probe(unit, training, job.probe) };
  let reported = 0;
  let late = false;
  const onEpoch = (share: number) => {
    if (share - reported >= 0.02) {
      reported = share;
      report(share);
    }
    late = share < 1 && Date.now() > deadline;
    return !late;
  };
  const bytes = await unitBytes(unit, training, heldOut, onEpoch);
  return { bytes: late ? encodeUnit({ cut: true }) : bytes };
}

// A worker is of no use once the process that started it is gone.
process.once?.("disconnect", () => process.exit());

/** Called by the pool. */
export default (job: Job): Promise<JobResult> => runJob(job, (share) => process.send?.(share));
