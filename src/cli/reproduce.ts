import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { experiments } from "../../experiments/index.ts";
import { compare, type Report } from "../../experiments/shared/compare.ts";
import type { Experiment, Plan, Row } from "../../experiments/shared/experiment.ts";
import { KeptTrials } from "../../experiments/shared/kept-trials.ts";
import { TrialPool } from "../../experiments/shared/pool.ts";
import {
  type Finished,
  formatDifference,
  formatMean,
  groupRows,
  leaders,
  reportPage,
} from "../../experiments/shared/report.ts";
import { writeAtomic } from "../io/index.ts";
import type { ReportSection } from "../plot/index.ts";
import { count } from "../run/words.ts";
import type { ReproduceOptions } from "./commands/reproduce.ts";
import { findData } from "./data-folder.ts";
import { textTable } from "./table.ts";
import { UsageError } from "./usage.ts";

/** Runs experiments and shows what came out. */
export async function reproduce(names: string[], options: ReproduceOptions): Promise<void> {
  if (options.quick && options.full) throw new UsageError("choose one of --quick and --full");
  const known = Object.keys(experiments);
  const unknown = names.find((name) => name !== "all" && !known.includes(name));
  if (unknown !== undefined)
    throw new UsageError(`there is no experiment "${unknown}"; there are ${known.join(", ")}, and all`);
  const chosen = (names.includes("all") ? known : [...new Set(names)]).map((name) => experiments[name]);
  const data = findData(options.data);
  // All of them before the first is run: a wrong name must not be found after hours.
  const planned = chosen.map((experiment) => ({ experiment, plan: planOf(experiment, options, data) }));
  const out = resolve(options.out ?? join("runs", names.join("-")));
  await mkdir(out, { recursive: true });
  const finished: Finished[] = [];
  const kept = new KeptTrials(join(out, "trials"));
  const pool = new TrialPool();
  process.once("SIGINT", interrupted);
  try {
    for (const { experiment, plan } of planned) finished.push(await runOne(experiment, plan, data, pool, kept));
  } finally {
    process.removeListener("SIGINT", interrupted);
    await pool.close();
  }
  const title = chosen.length === 1 ? chosen[0].title : "Gaussian mixture modules beside their rivals";
  const results = finished.map(({ experiment, comparison, generated }) => ({
    experiment: experiment.name,
    generated,
    rows: comparison.rows,
  }));
  const json = `${JSON.stringify(results.length === 1 ? results[0] : results, null, 2)}\n`;
  // The numbers first: hours of training must not be lost to a figure that cannot be drawn.
  await writeAtomic(join(out, "results.json"), json);
  if (options.json && options.json !== "-") await writeAtomic(options.json, json);
  const figures: ReportSection[][] = [];
  for (const { experiment, plan, comparison } of finished)
    figures.push(await experiment.figures(comparison.runs, plan));
  const report = join(out, "report.html");
  await writeAtomic(report, reportPage(title, finished, figures));
  await kept.remove();
  if (options.json === "-") process.stdout.write(json);
  else {
    for (const one of finished)
      console.log(`\n${one.experiment.title}${one.generated ? " (generated data)" : ""}\n\n${tableOf(one)}`);
    console.log(`\n* best mean, or within one standard deviation of it\n\nReport: ${report}`);
  }
}

/** Says how to go on, and ends by the signal: an ordinary exit would wait for worker threads in the middle of a step, or crash in them. */
function interrupted(): void {
  console.error("\ngmnm: interrupted; trials that have ended are kept: the same command goes on with them");
  process.kill(process.pid, "SIGINT");
}

/** An experiment's plan with the wishes of the command line. */
function planOf(experiment: Experiment, options: ReproduceOptions, data: string | undefined): Plan {
  const plan = structuredClone(experiment.plan(options.full ? "full" : "quick", data));
  if (options.seeds !== undefined) plan.seeds = options.seeds;
  if (options.sizes !== undefined) {
    plan.sizes = options.sizes;
    if (!plan.sizes.includes(plan.equalTimeSize ?? 0)) plan.equalTimeSize = undefined;
  }
  for (const kind of ["tasks", "models", "optimizers"] as const)
    plan[kind] = select(experiment.name, kind, plan[kind], options[kind]);
  return plan;
}

async function runOne(
  experiment: Experiment,
  plan: Plan,
  data: string | undefined,
  pool: TrialPool,
  kept: KeptTrials,
): Promise<Finished> {
  const began = performance.now();
  const known = kept.reused;
  const comparison = await compare(experiment, plan, {
    run: kept.keeping((trial) => pool.run(trial)),
    runAlone: kept.keeping((trial) => experiment.run(trial)),
    data,
    report: reporter(experiment.name),
  });
  const reused = kept.reused - known;
  const before = reused > 0 ? `, and ${count(reused, "trial")} kept from before` : "";
  process.stderr.write(`${experiment.name}: ${((performance.now() - began) / 1000).toFixed(0)} s${before}\n`);
  return { experiment, plan, comparison, generated: experiment.generated(data) };
}

/** Progress on standard error: one rewritten line on a terminal, a line per quarter elsewhere. */
function reporter(name: string): Report {
  let lastQuarter = "";
  return (phase, done, total) => {
    const text = `${name}: ${phase} ${done}/${total}`;
    if (process.stderr.isTTY) {
      process.stderr.write(`\r\x1b[K${text}${done === total ? "\n" : ""}`);
      return;
    }
    const quarter = `${phase} ${Math.floor((4 * done) / Math.max(1, total))}`;
    if (quarter !== lastQuarter) process.stderr.write(`${text}\n`);
    lastQuarter = quarter;
  };
}

function tableOf({ plan, comparison }: Finished): string {
  const groups = groupRows(comparison.rows, plan.sizes);
  const best = new Set([...groups.values()].flatMap((rows) => [...leaders(rows)]));
  const line = (row: Row) => [
    row.task,
    row.model,
    row.optimizer,
    String(row.parameters),
    row.msPerStep.toFixed(2),
    row.metric,
    `${formatMean(row)}${best.has(row) ? " *" : "  "}`,
    String(row.seeds),
    formatDifference(row),
  ];
  const columns = [
    "task",
    "model",
    "optimizer",
    "parameters",
    "ms/step",
    "metric",
    "mean ± sd  ",
    "seeds",
    "beside the best rival",
  ];
  const lines = [...groups.values()].flatMap((rows) => rows.map(line));
  const compared = lines.some((cells) => cells[8] !== "–");
  return compared
    ? textTable(columns, lines)
    : textTable(
        columns.slice(0, 8),
        lines.map((cells) => cells.slice(0, 8)),
      );
}

/** The chosen ones of a plan's models or optimisers; all of them where nothing was chosen. */
function select(
  experiment: string,
  kind: string,
  known: readonly string[],
  chosen: readonly string[] | undefined,
): string[] {
  const stranger = chosen?.find((name) => !known.includes(name));
  if (stranger !== undefined) {
    const list = known.map((name) => name.replaceAll(",", "\\,")).join(", "); // as `names` reads them
    throw new UsageError(`--${kind}: there is no "${stranger}" in ${experiment}; there are ${list}`);
  }
  return [...(chosen ?? known)];
}
