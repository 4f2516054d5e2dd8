// All cases and executors take turns, block by block, so that what disturbs the machine disturbs all of them alike.
import { setTimeout as sleep } from "node:timers/promises";
import { type Child, Died, Refused } from "./child.ts";
import type { ExecutorName } from "./executors.ts";
import { type CaseName, type CaseResult, summary } from "./results.ts";
import { quantile } from "./statistics.ts";

/** A second way in which a peer can run a case, reported under a name of its own. */
const RIVALS: { case: CaseName; executor: ExecutorName; as: string; name: string }[] = [
  { case: "lstm", executor: "torch", as: "lstm-unrolled", name: "torch-unrolled" },
  { case: "pinn", executor: "torch", as: "pinn-autograd", name: "torch-autograd" },
];

const BLOCK_MS = 100;
/** ONNX Runtime's threads go on spinning for up to 50 ms after the last step of a block, on a core that the next one needs. */
const PAUSE_MS = 60;
/** Of several settings of an executor those are measured that are at most so much slower than its best in three trial blocks. */
const KEPT = 1.3;

/** One case on one process. */
type Runner = {
  case: CaseName;
  executor: string;
  child: Child;
  as: string;
  parameters: number;
  steps: number;
  times: number[];
};

/** Where lines about the run go; `problem` is for what makes the results incomplete. */
export type Log = { progress: (line: string) => void; problem: (line: string) => void };

/** Prepares every case on every process, then measures them in turns. */
export async function measureRounds(
  children: ReadonlyMap<ExecutorName, Child[]>,
  cases: readonly CaseName[],
  rounds: number,
  log: Log,
): Promise<CaseResult[]> {
  let runners: Runner[] = [];
  const dead = new Set<Child>();
  /** Says what failed, once; a process that died is asked no more, and what it has measured does not count. */
  const report = (error: unknown, child: Child) => {
    if (!(error instanceof Died || error instanceof Refused)) throw error;
    log.problem(error.message);
    if (error instanceof Died) dead.add(child);
    runners = runners.filter((runner) => !dead.has(runner.child));
  };
  /** Runs a block; milliseconds per step. */
  const block = async (runner: Runner): Promise<number | undefined> => {
    if (!runners.includes(runner)) return undefined;
    try {
      await sleep(PAUSE_MS);
      return (await runner.child.ask({ case: runner.as, steps: runner.steps })).ms / runner.steps;
    } catch (error) {
      report(error, runner.child);
      runners = runners.filter((other) => other !== runner);
      return undefined;
    }
  };

  for (const name of cases) {
    log.progress(`preparing ${name}`);
    const living = new Map([...children].map(([executor, all]) => [executor, all.filter((child) => !dead.has(child))]));
    const prepared = (await prepare(name, living, report)).filter(({ child }) => !dead.has(child));
    runners.push(...prepared);
    expectEqualParameters(prepared, log);
    await calibrate(prepared, block);
    const kept = bestSettings(prepared);
    runners = runners.filter((runner) => runner.case !== name || kept.has(runner));
  }
  for (let round = 0; round < rounds; round++) {
    log.progress(`round ${round + 1} of ${rounds}`);
    // Back and forth: nobody always runs behind the same neighbour.
    for (const runner of round % 2 ? runners.toReversed() : runners) {
      const ms = await block(runner);
      if (ms !== undefined) runner.times.push(ms);
    }
  }
  return bestOfEach(runners);
}

async function prepare(
  name: CaseName,
  children: ReadonlyMap<ExecutorName, Child[]>,
  report: (error: unknown, child: Child) => void,
): Promise<Runner[]> {
  const runners: Runner[] = [];
  for (const [executor, processes] of children) {
    const rivals = RIVALS.filter((rival) => rival.case === name && rival.executor === executor);
    for (const { as, name: reported } of [{ as: name, name: executor }, ...rivals]) {
      for (const child of processes.filter(({ hello }) => hello.cases.includes(as))) {
        try {
          const { parameters } = await child.ask({ prepare: as });
          runners.push({ case: name, executor: reported, child, as, parameters, steps: 1, times: [] });
        } catch (error) {
          report(error, child);
        }
      }
    }
  }
  return runners;
}

/** Finds out how many steps make a block. Leaves the times of three blocks. */
async function calibrate(runners: readonly Runner[], block: (runner: Runner) => Promise<number | undefined>) {
  for (let trial = 0; trial < 4; trial++) {
    for (const runner of runners) {
      const ms = await block(runner);
      if (ms === undefined) continue;
      runner.steps = Math.max(1, Math.round(BLOCK_MS / ms));
      if (trial > 0) runner.times.push(ms);
    }
  }
}

/** Those whose setting may turn out to be the best; empties the times. */
function bestSettings(runners: readonly Runner[]): Set<Runner> {
  const fastest = new Map(runners.map((runner) => [runner, Math.min(...runner.times)]));
  const kept = runners.filter((runner) => {
    const rivals = runners.filter((other) => other.executor === runner.executor).map((other) => fastest.get(other)!);
    return fastest.get(runner)! <= KEPT * Math.min(...rivals);
  });
  for (const runner of runners) runner.times = [];
  return new Set(kept);
}

/** The results of the best setting of every executor, case by case. */
function bestOfEach(runners: readonly Runner[]): CaseResult[] {
  const best = new Map<string, Runner>();
  for (const runner of runners.filter(({ times }) => times.length > 0)) {
    const key = `${runner.case} ${runner.executor}`;
    const other = best.get(key);
    if (!other || quantile(runner.times, 0.5) < quantile(other.times, 0.5)) best.set(key, runner);
  }
  return [...best.values()].map(({ case: name, executor, child, times }) => {
    const { setting } = child.command;
    return { case: name, executor, threads: child.hello.threads, ...(setting && { setting }), ...summary(times) };
  });
}

function expectEqualParameters(runners: readonly Runner[], log: Log): void {
  const counts = runners.map(({ parameters }) => parameters);
  if (Math.max(...counts) <= 1.05 * Math.min(...counts)) return;
  const found = runners.map(({ executor, parameters }) => `${executor} ${parameters}`).join(", ");
  log.problem(`${runners[0].case}: the parameters differ by more than 5 %: ${found}`);
}
