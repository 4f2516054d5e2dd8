import { basename, resolve } from "node:path";
import { modelNames } from "../auto/index.ts";
import { GmnmError } from "../errors.ts";
import { formatNumber } from "../plot/numbers.ts";
import { checkConfig, type RunConfig, tasks } from "../run/config.ts";
import { fitRun, type RunProgress, targetNames } from "../run/fit-run.ts";
import { createRun, freeRunPath, openRun, type RunFolder, readJson } from "../run/folder.ts";
import { count, measureName } from "../run/report.ts";
import { hashFile, type RunData, readRunData } from "../run/run-data.ts";
import { type Outcome, readSummary, type Scores, type Summary } from "../run/summary.ts";
import { resolveColumn } from "../table/index.ts";
import { type Bar, progressBar } from "./bar.ts";
import type { FitCommandOptions } from "./commands/fit.ts";
import { textTable } from "./table.ts";
import { asUsage, UsageError } from "./usage.ts";

/** `gmnm fit`: reads the table, trains, and fills a new run folder. */
export async function fitCommand(file: string | undefined, options: FitCommandOptions): Promise<void> {
  const config = await asUsage(() => configOf(file, options));
  if (options.printConfig) {
    console.log(JSON.stringify(config, null, 2));
    return;
  }
  const bar = progressBar({ quiet: options.json });
  try {
    const sha256 = await hashFile(config.file);
    if (config.sha256 !== undefined && config.sha256 !== sha256) {
      config.plans = undefined; // made for other rows
      console.error(`note: ${config.file} is not the table that ${options.config} was made with; it is planned anew`);
    }
    const data = await readData(config, bar);
    const path = options.out ?? freeRunPath(nameOf(config.file));
    const begun = { ...config, target: targetNames(data.preprocessing.target), task: data.task, sha256 };
    const folder = await asUsage(() => createRun(path, begun));
    await train(folder, begun, data, { bar, json: options.json });
  } finally {
    bar.end();
  }
}

/** `gmnm resume`: the same on a folder that is there. */
export async function resumeCommand(path: string, { json }: { json?: boolean }): Promise<void> {
  const { folder, config } = await openRun(path);
  if (folder.isFinished) {
    const summary = await readSummary(folder.file("summary"));
    console.log(
      json ? JSON.stringify({ run: path, ...summary }) : `${path} has ended already; there is nothing to go on with`,
    );
    return;
  }
  const bar = progressBar({ quiet: json });
  try {
    const sha256 = await hashFile(config.file);
    if (config.sha256 !== undefined && sha256 !== config.sha256) {
      throw new GmnmError(
        `${config.file} is not the table that ${path} began with: its SHA-256 begins with ${sha256.slice(0, 12)}, then it was ${config.sha256.slice(0, 12)}`,
      );
    }
    await train(folder, config, await readData(config, bar), { bar, json });
  } finally {
    bar.end();
  }
}

/** The settings: those of --config, then those of the command line. */
async function configOf(file: string | undefined, options: FitCommandOptions): Promise<RunConfig> {
  const { config: from, target, task, features, ignore, time, horizon, lookback, model, compare, test, seed } = options;
  const base = from === undefined ? {} : Object(await readJson(from));
  const given = {
    file: file === undefined ? undefined : resolve(file),
    target,
    task,
    features,
    ignore,
    time,
    horizon,
    lookback,
    model,
    compare,
    test: typeof test === "string" ? resolve(test) : test,
    seed,
    timeBudget: options.timeBudget,
  };
  const wanted = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  // Plans and the table's hash belong to what the file asked for; with other wishes they would be wrong.
  const changed = Object.keys(wanted).some((key) => JSON.stringify(wanted[key]) !== JSON.stringify(base[key]));
  const merged = { ...base, ...(changed && { plans: undefined, sha256: undefined }), ...wanted };
  if (merged.file === undefined) throw new UsageError("name a table to learn from: gmnm fit FILE.csv --target COLUMN");
  if (merged.target === undefined) throw new UsageError("name what to predict, such as --target price");
  if (task !== undefined && !(tasks as readonly string[]).includes(task)) {
    throw new UsageError(`--task must be one of ${tasks.join(", ")}, got ${task}`);
  }
  const source = from ?? "the command line";
  const config = checkConfig(merged, source);
  if (!(modelNames as readonly string[]).includes(config.model)) {
    throw new UsageError(`--model must be one of ${modelNames.join(", ")}, got ${config.model}`);
  }
  return config;
}

const nameOf = (file: string): string => basename(file).replace(/(\.(csv|tsv|txt|data|gz))+$/i, "") || "run";

async function readData(config: RunConfig, bar: Bar): Promise<RunData> {
  const named = [...config.target, ...(config.features ?? []), ...config.ignore];
  const data = await readRunData(config, {
    onRead: (read, total) => bar.update("reading", read / total),
    // A column that is not there is a slip of the one who typed it.
    onTable: (table) => asUsage(() => named.map((name) => resolveColumn(table, name))),
  });
  bar.end();
  return data;
}

type Running = { bar: Bar; json?: boolean };

async function train(folder: RunFolder, config: RunConfig, data: RunData, { bar, json }: Running): Promise<void> {
  if (!json) {
    const { preprocessing, training, table, warnings } = data;
    const left = preprocessing.ignored.map(({ name, reason }) => `${name} (${reason})`);
    console.error(
      `${data.task} of ${config.target.join(", ")} from ${count(preprocessing.inputs.length, "column")}, ${count(training.length, "row")} of ${table.rows.toLocaleString("en")}`,
    );
    if (left.length > 0) console.error(`left out: ${left.join(", ")}`);
    for (const warning of warnings) console.error(`note: ${warning}`);
  }
  const interrupted = () => {
    bar.end();
    console.error(`gmnm: interrupted; what is done is kept: go on with gmnm resume ${folder.path}`);
    process.exit(1);
  };
  process.once("SIGINT", interrupted);
  try {
    const summary = await fitRun(folder, config, data, { onProgress: (progress) => show(progress, config, bar) });
    bar.end();
    console.log(json ? JSON.stringify({ run: folder.path, ...summary }) : describe(summary, folder));
  } finally {
    process.removeListener("SIGINT", interrupted);
  }
}

function show({ model, done, total, score, phase }: RunProgress, { compare, task }: RunConfig, bar: Bar): void {
  const error = task === "classification" ? "log loss" : "standardised RMSE";
  const words = score === undefined ? "" : `${error} on held-out rows ${formatNumber(Number(score.toPrecision(3)))}`;
  bar.update(compare ? `training ${model}` : "training", phase === "finish" ? 1 : done / Math.max(total, 1e-9), words);
}

/** What came out, for people. */
function describe(summary: Summary, folder: RunFolder): string {
  const { chosen, rivals, baseline, reason } = summary;
  const keys = Object.keys(chosen.validation);
  const cells = (scores: Scores | undefined) =>
    keys.map((key) => (scores?.[key] === undefined ? "–" : formatNumber(scores[key])));
  const tested = chosen.test !== undefined;
  const line = ({
    model,
    parameters,
    validation,
    test,
  }: Omit<Outcome, "seconds" | "parameters"> & { parameters?: number }) => [
    model,
    parameters === undefined ? "–" : String(parameters),
    ...cells(validation),
    ...(tested ? cells(test) : []),
  ];
  const columns = [
    "model",
    "parameters",
    ...keys.map((key) => `held out ${measureName(key)}`),
    ...(tested ? keys.map((key) => `test ${measureName(key)}`) : []),
  ];
  const rows = [chosen, ...rivals].map(line);
  const table = textTable(columns, [...rows, line({ ...baseline, model: baseline.name })]);
  return `\n${table}\n\n${reason}\n\nRun: ${folder.path}\nReport: ${folder.file("report")}`;
}
