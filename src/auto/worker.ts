// The side of a worker thread: units and timing probes, one after another.
import type { MessagePort } from "node:worker_threads";
import { takeRows } from "../tensor.ts";
import { type Cost, probe } from "./probe.ts";
import { type Examples, encodeUnit, type Unit, unitBytes } from "./unit.ts";

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
  /** In milliseconds since 1970; a unit that is not done by then is given up. */
  deadline?: number;
};

/** The bytes of a {@link UnitOutcome}; of a probe, what it costs. */
export type JobResult = { bytes: Uint8Array; cost?: Cost };

/** Runs a unit; called by the pool. */
export default async function runJob(job: Job): Promise<JobResult> {
  const { unit, table, trainingRows, heldOutRows, port } = job;
  try {
    const training = { x: takeRows(table.x, trainingRows), y: takeRows(table.y, trainingRows) };
    if (job.probe) return { bytes: new Uint8Array(), cost: await probe(unit, training) };
    let reported = 0;
    let late = false;
    const onEpoch = (share: number) => {
      if (share - reported >= 0.02) {
        reported = share;
        port?.postMessage(share);
      }
      late = share < 1 && Date.now() > (job.deadline ?? Infinity);
      return !late;
    };
    const bytes = await unitBytes(unit, training, takeRows(table.x, heldOutRows), onEpoch);
    return { bytes: late ? encodeUnit({ cut: true }) : bytes };
  } finally {
    port?.close();
  }
}
