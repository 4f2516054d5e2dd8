import { resolve } from "node:path";
import { forecasterNames, modelNames } from "../auto/index.ts";
import { checkConfig, type RunConfig, tasks } from "../run/config.ts";
import { readJson } from "../run/folder.ts";
import type { FitCommandOptions } from "./commands/fit.ts";
import { UsageError } from "./usage.ts";

/** The settings: those of --config, then those of the command line. */
export async function settingsOf(file: string | undefined, options: FitCommandOptions): Promise<RunConfig> {
  const { config: from, printConfig: _, out: __, json: ___, test, ...asked } = options;
  const base = from === undefined ? {} : Object(await readJson(from));
  const given: Record<string, unknown> = {
    ...asked,
    file: file === undefined ? undefined : resolve(file),
    test: typeof test === "string" ? resolve(test) : test,
  };
  const wanted = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  // Plans and the table's hash belong to what the file asked for; with other wishes they would be wrong.
  const changed = Object.keys(wanted).some((key) => JSON.stringify(wanted[key]) !== JSON.stringify(base[key]));
  const merged = { ...base, ...(changed && { plans: undefined, sha256: undefined }), ...wanted };
  if (merged.file === undefined) throw new UsageError("name a table to learn from: gmnm fit FILE.csv --target COLUMN");
  if (merged.target === undefined) throw new UsageError("name what to predict, such as --target price");
  if (asked.task !== undefined && !(tasks as readonly string[]).includes(asked.task)) {
    throw new UsageError(`--task must be one of ${tasks.join(", ")}, got ${asked.task}`);
  }
  const config = checkConfig(merged, from ?? "the command line");
  // A time or a horizon means a forecast.
  const forecasts = config.task === "auto" && (config.time ?? config.horizon ?? config.lookback) !== undefined;
  const known: readonly string[] = forecasts || config.task === "forecast" ? forecasterNames : modelNames;
  if (!known.includes(config.model)) {
    throw new UsageError(`--model must be one of ${known.join(", ")} here, got ${config.model}`);
  }
  return forecasts ? { ...config, task: "forecast" } : config;
}
