// npm run bench: the time of a training step of this library, case by case, beside that of PyTorch and TensorFlow.js on the same machine;
// how time and memory grow with a layer's size; how long the first step takes; whether memory grows in a long run. Every executor and
// peer is a process of its own (ours/, peers/), one runs at a time, and all take turns in one run. --help lists the options. PyTorch
// is the system's (Debian: python3-torch); npm ci --prefix bench/peers installs TensorFlow.js.
import { versions } from "../experiments/shared/report.ts";
import { writeAtomic } from "../src/io/index.ts";
import { type Child, Died, Refused } from "./child.ts";
import { type ExecutorName, OURS, start } from "./executors.ts";
import { measureGrowth } from "./growth.ts";
import { measureColdStarts, measureLongRun } from "./lifetime.ts";
import { machine } from "./machine.ts";
import { exitCodeOf, type Options, readOptions } from "./options.ts";
import { resultsText } from "./print.ts";
import { type Results, ratiosOf } from "./results.ts";
import { type Log, measureRounds } from "./rounds.ts";

const ROUNDS = { quick: 5, full: 25 };
const COLD_START_REPEATS = { quick: 1, full: 5 };

try {
  await main(readOptions());
} catch (error) {
  const code = exitCodeOf(error);
  if (code === undefined) throw error;
  process.exitCode = code;
}

async function main({ cases, executors, quick, json }: Options): Promise<void> {
  const log: Log = {
    progress: (line) => process.stderr.write(`${line}\n`),
    problem(line) {
      console.log(line);
      process.exitCode = 1;
    },
  };
  const scale = quick ? "quick" : "full";
  const host = machine();
  const children = new Map<ExecutorName, Child[]>();
  for (const executor of executors) children.set(executor, await start(executor, (why) => console.log(why)));
  const present = OURS.filter((executor) => (children.get(executor)?.length ?? 0) > 0);
  const results: Results = {
    machine: host,
    versions: allVersions(children),
    cases: [],
    ratios: [],
    growth: [],
    coldStart: [],
  };
  console.log(
    `${Object.entries({ ...results.machine, ...results.versions })
      .map((pair) => pair.join(" "))
      .join(", ")}\n`,
  );

  results.cases = await measureRounds(children, cases, ROUNDS[scale], log);
  results.ratios = ratiosOf(results.cases);
  await Promise.all([...children.values()].flat().map((child) => child.end()));

  try {
    if (!quick && cases.includes("gmnm-large"))
      for (const executor of present) results.growth.push(...(await measureGrowth(executor, log.progress)));
    const [first] = present;
    if (first) {
      results.coldStart = await measureColdStarts(first, cases, COLD_START_REPEATS[scale], log.progress);
      results.longRun = await measureLongRun(first, cases, log.progress);
    }
  } catch (error) {
    // What has been measured so far is worth keeping.
    if (!(error instanceof Died || error instanceof Refused)) throw error;
    log.problem(error.message);
  }
  if (results.cases.length === 0) return log.problem("nothing was measured");
  console.log(resultsText(results));
  await writeAtomic(json, `${JSON.stringify(results, null, 2)}\n`);
}

function allVersions(children: ReadonlyMap<ExecutorName, Child[]>): Record<string, string> {
  const { machine: _, ...own } = versions();
  const theirs = [...children.values()].flatMap(([child]) => (child ? [child.hello.versions] : []));
  return Object.assign(own, ...theirs);
}
