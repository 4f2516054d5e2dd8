import { basename } from "node:path";
import { GmnmError } from "../errors.ts";
import { formatNumber } from "../plot/numbers.ts";
import type { RunConfig } from "../run/config.ts";
import { fitRun, type RunProgress } from "../run/fit-run.ts";
import { fitSeriesRun } from "../run/fit-series-run.ts";
import { createRun, freeRunPath, openRun, type RunFolder } from "../run/folder.ts";
import { hashFile, type ReadOptions, type RunData, readRunData } from "../run/run-data.ts";
import { readSeriesData, type SeriesData } from "../run/series-data.ts";
import { readSummary, type Summary } from "../run/summary.ts";
import { count, scoreTable } from "../run/words.ts";
import { resolveColumn } from "../table/index.ts";
import { targetNames } from "../table/preprocessing.ts";
import { type Bar, progressBar } from "./bar.ts";
import type { FitCommandOptions } from "./commands/fit.ts";
import { settingsOf } from "./settings.ts";
import { textTable } from "./table.ts";
import { asUsage } from "./usage.ts";

/** `gmnm fit`: reads the table, trains, and fills a new run folder. */
export async function fitCommand(file: string | undefined, options: FitCommandOptions): Promise<void> {
  const config = await asUsage(() => settingsOf(file, options));
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
    const path = options.out ?? freeRunPath(nameOf(config.file));
    const running = { bar, json: options.json };
    if (config.task === "forecast") {
      const data = await readSeriesData(config, reading(config, bar));
      const begun = { ...config, target: data.targets, sha256 };
      await forecast(await asUsage(() => createRun(path, begun)), begun, data, running);
    } else {
      const data = await readRunData(config, reading(config, bar));
      const begun = { ...config, target: targetNames(data.preprocessing.target), task: data.task, sha256 };
      await train(await asUsage(() => createRun(path, begun)), begun, data, running);
    }
  } finally {
    bar.end();
  }
}

/** `gmnm resume`: the same on a folder that is there. */
export async function resumeCommand(path: string, { json }: { json?: boolean }): Promise<void> {
  const { folder, config } = await openRun(path);
  if (folder.isFinished) {
    await folder.clearState(); // it may have been killed between its last word and this
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
    if (config.task === "forecast") {
      await forecast(folder, config, await readSeriesData(config, reading(config, bar)), { bar, json });
    } else await train(folder, config, await readRunData(config, reading(config, bar)), { bar, json });
  } finally {
    bar.end();
  }
}

const nameOf = (file: string): string => basename(file).replace(/(\.(csv|tsv|txt|data|gz))+$/i, "") || "run";

/** Shows how far reading is, and refuses columns that are not there: a slip of the one who typed them. */
function reading(config: RunConfig, bar: Bar): ReadOptions {
  const named = [...config.target, ...(config.features ?? []), ...config.ignore, ...(config.time ? [config.time] : [])];
  return {
    onRead: (read, total) => bar.update("reading", read / total),
    onTable: (table) => {
      bar.end();
      return asUsage(() => named.map((name) => resolveColumn(table, name)));
    },
  };
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
  await untilInterrupted(folder, { bar, json }, () =>
    fitRun(folder, config, data, { onProgress: (progress) => show(progress, config, bar) }),
  );
}

/** The same for a series. */
async function forecast(folder: RunFolder, config: RunConfig, data: SeriesData, running: Running): Promise<void> {
  const { bar, json } = running;
  if (!json) {
    const steps = data.series.values.length / data.series.columns.length;
    console.error(
      `forecast of ${data.targets.join(", ")} from ${count(steps, "step")}${data.time ? ` by ${data.time}` : ""}`,
    );
    for (const warning of data.warnings) console.error(`note: ${warning}`);
  }
  await untilInterrupted(folder, running, () =>
    fitSeriesRun(folder, config, data, {
      onProgress: ({ model, done, of, doing }) =>
        bar.update(config.compare ? `training ${model}` : "training", done / Math.max(1, of), doing),
    }),
  );
}

/** Prints what came out. Ctrl-C ends the process and says how to go on: what is done is kept. */
async function untilInterrupted(folder: RunFolder, { bar, json }: Running, fit: () => Promise<Summary>): Promise<void> {
  const interrupted = () => {
    bar.end();
    console.error(`gmnm: interrupted; what is done is kept: go on with gmnm resume ${folder.path}`);
    process.exit(1);
  };
  process.once("SIGINT", interrupted);
  try {
    const summary = await fit();
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
  const { columns, rows } = scoreTable(summary);
  return `\n${textTable(columns, rows)}\n\n${summary.reason}\n\nRun: ${folder.path}\nReport: ${folder.file("report")}`;
}
