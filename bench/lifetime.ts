// The beginning of a process and its old age.
import { Child } from "./child.ts";
import { type ExecutorName, ours } from "./executors.ts";
import type { CaseName, ColdStart, LongRun } from "./results.ts";
import { quantile } from "./statistics.ts";

/** Cold starts by the case they go with. */
const COLD_STARTS: { with: CaseName; case: string }[] = [
  { with: "gmnm-small", case: "gmnm-small" },
  { with: "mlp", case: "mlp" },
  { with: "lstm", case: "lstm-96" },
];

/**
 * Medians over fresh processes: of the time from parameters in ordinary memory to the end of the first step, and of the time that the executor takes
 * to start before it, once in a process.
 */
export async function measureColdStarts(
  executor: ExecutorName,
  cases: readonly CaseName[],
  repeats: number,
  progress: (line: string) => void,
): Promise<ColdStart[]> {
  const results: ColdStart[] = [];
  for (const { case: name } of COLD_STARTS.filter((one) => cases.includes(one.with))) {
    progress(`cold start of ${name} on ${executor}`);
    const times: number[] = [];
    const starts: number[] = [];
    for (let repeat = 0; repeat < repeats; repeat++) {
      const child = await Child.start(ours(executor));
      starts.push(child.hello.startMs!);
      times.push((await child.ask({ prepare: name })).firstStepMs!);
      await child.end();
    }
    results.push({ case: name, executor, ms: quantile(times, 0.5), startMs: quantile(starts, 0.5) });
  }
  return results;
}

const LONG_RUN: CaseName = "gmnm-small";
const LONG_RUN_STEPS = 10_000;
/** By then everything that is allocated once has been allocated. */
const SETTLED_STEPS = 1000;

/** Whether memory grows while a training goes on. */
export async function measureLongRun(
  executor: ExecutorName,
  cases: readonly CaseName[],
  progress: (line: string) => void,
): Promise<LongRun | undefined> {
  if (!cases.includes(LONG_RUN)) return undefined;
  progress(`${LONG_RUN_STEPS} steps of ${LONG_RUN} on ${executor}`);
  const child = await Child.start(ours(executor));
  await child.ask({ prepare: LONG_RUN });
  await child.ask({ case: LONG_RUN, steps: SETTLED_STEPS });
  const { rssMB: rssStartMB } = await child.ask({ memory: true });
  await child.ask({ case: LONG_RUN, steps: LONG_RUN_STEPS - SETTLED_STEPS });
  const { rssMB: rssEndMB } = await child.ask({ memory: true });
  await child.end();
  return { executor, steps: LONG_RUN_STEPS, rssStartMB, rssEndMB };
}
