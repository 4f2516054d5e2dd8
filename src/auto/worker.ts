// The side of a worker thread: units and timing probes, one after another.
import type { MessagePort } from "node:worker_threads";
import { takeRows } from "../tensor.ts";
import { type Cost, probe } from "./probe.ts";
import { type Examples, type Unit, unitBytes } from "./unit.ts";

/** A unit with the whole table, which lies in memory that the threads share, and the rows that concern it. */
export type Job = {
  unit: Unit;
  table: Examples;
  trainingRows: Uint32Array;
  heldOutRows: Uint32Array;
  /** Only measures how long it would take. */
  probe?: boolean;
  /** Where the share that is done is reported. */
  port?: MessagePort;
};

/** The bytes of a {@link UnitResult}; of a probe, what it costs. */
export type JobResult = { bytes: Uint8Array; cost?: Cost };

/** Runs a unit; called by the pool. */
export default async function runJob(job: Job): Promise<JobResult> {
  const { unit, table, trainingRows, heldOutRows, port } = job;
  try {
    const training = { x: takeRows(table.x, trainingRows), y: takeRows(table.y, trainingRows) };
    if (job.probe) return { bytes: new Uint8Array(), cost: await probe(unit, training) };
    let reported = 0;
    const report = (share: number) => {
      if (share - reported < 0.02) return;
      reported = share;
      port?.postMessage(share);
    };
    return { bytes: await unitBytes(unit, training, takeRows(table.x, heldOutRows), report) };
  } finally {
    port?.close();
  }
}
