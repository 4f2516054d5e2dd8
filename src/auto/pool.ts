import { availableParallelism } from "node:os";
import { Tinypool } from "tinypool";
import type { Job, JobResult } from "./worker.ts";

/** Runs jobs side by side. */
export interface JobPool {
  readonly workers: number;
  run(job: Job, report?: (share: number) => void): Promise<JobResult>;
  close(): Promise<void>;
}

/**
 * Worker processes, one job each at a time and one thread each: steps of small models gain nothing from more. Processes, not threads, for
 * V8 in Node 24 may abort when threads that compile WebAssembly come and go ("Check failed: jit_page.has_value()",
 * https://github.com/nodejs/node/issues/64500), and would take everything with it.
 *
 * @param workers number of processes; default one per core. With 0, jobs run one after another in this process.
 */
export function jobPool(workers = availableParallelism()): JobPool {
  if (workers === 0) return sequentialPool();
  const pool = new Tinypool({
    runtime: "child_process",
    serialization: "advanced", // typed arrays travel as they are
    filename: new URL(import.meta.url.endsWith(".ts") ? "./worker.ts" : "./worker.js", import.meta.url).href,
    minThreads: workers,
    maxThreads: workers,
    env: { ...process.env, GMNM_THREADS: "1" } as Record<string, string>,
  });
  const once = (job: Job, report?: (share: number) => void): Promise<JobResult> =>
    pool.run(job, { channel: { postMessage: (share: number) => report?.(share) } });
  return {
    workers,
    async run(job, report) {
      try {
        return await once(job, report);
      } catch (error) {
        // Ended from outside, as for want of memory: another worker has taken its place. A second time is no accident.
        if (!String(error).includes("exited unexpectedly")) throw error;
        return once(job, report);
      }
    },
    close: () => pool.destroy(),
  };
}

/** Jobs one after another in this process. */
function sequentialPool(): JobPool {
  let last: Promise<unknown> = Promise.resolve();
  return {
    workers: 1,
    run(job, report) {
      const next = last.then(async () => (await import("./worker.ts")).runJob(job, report));
      last = next.catch(() => {});
      return next;
    },
    close: async () => {},
  };
}
