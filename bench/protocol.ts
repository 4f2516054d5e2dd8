// What the benchmark and its processes say to each other: one JSON object per line, one reply per request.

/** Sizes of a layer whose cost is measured as they grow. */
export type GmnmSizes = { rows: number; inFeatures: number; numComponents: number; rank: number };

/** A process's first line: what it can run. `startMs` is how long the executor took to start; our own processes only. */
export type Hello = { cases: string[]; versions: Record<string, string>; threads: number; startMs?: number };

/** Builds a case and warms it up. Only our own processes know sizes. */
export type Prepare = { prepare: string; sizes?: GmnmSizes };
/** `firstStepMs` is the time from parameters in ordinary memory to the end of the first step; our own processes only. */
export type Prepared = { parameters: number; firstStepMs?: number };

export type Measure = { case: string; steps: number };
export type Measured = { ms: number };

/** Our own processes only. */
export type Memory = { memory: true };
export type MemoryUse = { rssMB: number; peakMB: number };

export type Request = Prepare | Measure | Memory;
export type Reply<R> = R extends Prepare ? Prepared : R extends Measure ? Measured : MemoryUse;
