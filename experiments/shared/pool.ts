import { availableParallelism } from "node:os";
import { Tinypool } from "tinypool";
import type { Outcome, Trial } from "./experiment.ts";

/** Trials side by side, one worker thread per core: trials are independent, and steps of small models gain nothing from threads. */
export class TrialPool {
  readonly #pool = new Tinypool({
    filename: new URL(import.meta.url.endsWith(".ts") ? "./worker.ts" : "./worker.js", import.meta.url).href,
    maxThreads: availableParallelism(),
    minThreads: availableParallelism(),
  });

  run(trial: Trial): Promise<Outcome> {
    return this.#pool.run(trial);
  }

  close(): Promise<void> {
    return this.#pool.destroy();
  }
}
