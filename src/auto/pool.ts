import type { Job, JobResult } from "./worker.ts";

/** Runs jobs side by side. */
export interface JobPool {
  readonly workers: number;
  run(job: Job, onStep?: (share: number) => void): Promise<JobResult>;
  close(): Promise<void>;
}

/**
 * Worker threads, one job each at a time: steps of small models gain nothing from more threads. Where there are none, as in a browser,
 * jobs run one after another in this thread.
 *
 * @param workers number of threads; default one per core.
 */
export async function jobPool(workers?: number): Promise<JobPool> {
  try {
    const { availableParallelism } = await import("node:os");
    const { MessageChannel } = await import("node:worker_threads");
    const { Tinypool } = await import("tinypool");
    const threads = workers ?? availableParallelism();
    const pool = new Tinypool({
      filename: new URL(import.meta.url.endsWith(".ts") ? "./worker.ts" : "./worker.js", import.meta.url).href,
      minThreads: threads,
      maxThreads: threads,
    });
    return {
      workers: threads,
      async run(job, onStep) {
        const { port1, port2 } = new MessageChannel();
        port1.on("message", (share: number) => onStep?.(share));
        port1.unref();
        try {
          return await pool.run({ ...job, port: port2 }, { transferList: [port2] });
        } finally {
          port1.close();
        }
      },
      close: () => pool.destroy(),
    };
  } catch {
    return sequentialPool();
  }
}

/** Jobs one after another in this thread. */
export function sequentialPool(): JobPool {
  let last: Promise<unknown> = Promise.resolve();
  return {
    workers: 1,
    run(job) {
      const next = last.then(async () => (await import("./worker.ts")).default(job));
      last = next.catch(() => {});
      return next;
    },
    close: async () => {},
  };
}
