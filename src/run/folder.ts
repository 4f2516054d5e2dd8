// A run is a folder: what was asked (config.json), what stands between the table and the model (preprocessing.json), the model, what was
// measured (metrics.jsonl, summary.json), and a report. While it trains there is a folder `state`, from which it goes on when it was killed.
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type * as v from "valibot";
import { checkJson } from "../check-json.ts";
import { GmnmError } from "../errors.ts";
import { removeLeftovers } from "../io/atomic.ts";
import { fileError } from "../io/file-errors.ts";
import { writeAtomic } from "../io/index.ts";
import { checkConfig, type RunConfig } from "./config.ts";

/** The files of a run by what is in them. */
export const FILES = {
  config: "config.json",
  preprocessing: "preprocessing.json",
  metrics: "metrics.jsonl",
  summary: "summary.json",
  inspection: "inspection.json",
  model: "model.safetensors",
  onnx: "model.onnx",
  report: "report.html",
  /** A folder: what is done so far of a run that has not ended. */
  state: "state",
} as const;

/** A config, a summary and the like are read whole; above this they are none of ours. */
const MOST_BYTES = 256 * 1024 * 1024;

/** A folder that holds a run, or will. */
export class RunFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** The path of one of its files. */
  file(name: keyof typeof FILES): string {
    return join(this.path, FILES[name]);
  }

  /** True once training has ended: the summary is written last. */
  get isFinished(): boolean {
    return existsSync(this.file("summary"));
  }

  /** Writes JSON in one step. */
  async write(name: keyof typeof FILES, value: unknown): Promise<void> {
    await writeAtomic(this.file(name), `${JSON.stringify(value, null, 2)}\n`);
  }

  /** @throws GmnmError naming the file when it is missing, too large or not JSON. */
  async read(name: keyof typeof FILES): Promise<unknown> {
    return readJson(this.file(name));
  }

  /** Once the run is whole, what was done so far is of no more use. @throws GmnmError naming the folder. */
  async clearState(): Promise<void> {
    try {
      await rm(this.file("state"), { recursive: true, force: true });
      await this.clearLeftovers();
    } catch (error) {
      throw fileError("write", this.path, error);
    }
  }

  /** Removes what a process that was killed has left of files half written. */
  async clearLeftovers(): Promise<void> {
    for (const name of Object.keys(FILES) as (keyof typeof FILES)[]) await removeLeftovers(this.file(name));
  }
}

/** Reads a JSON file. @throws GmnmError naming it when it is missing, too large or not JSON. */
export async function readJson(path: string): Promise<unknown> {
  let contents: string;
  try {
    const { size } = await stat(path);
    if (size > MOST_BYTES)
      throw new GmnmError(`cannot read ${path}: it has ${size} bytes, more than any file of a run`);
    contents = await readFile(path, "utf8");
  } catch (error) {
    throw fileError("read", path, error);
  }
  try {
    return JSON.parse(contents);
  } catch (cause) {
    throw new GmnmError(`${path} is not JSON: ${(cause as Error).message}`, { cause });
  }
}

/** Reads a JSON file of a known form. @throws GmnmError, one sentence that names the file and what is wrong with it. */
export const readChecked = async <T>(path: string, schema: v.GenericSchema<unknown, T>): Promise<T> =>
  checkJson(schema, await readJson(path), path);

/**
 * Makes the folder of a new run, which is one as soon as it has a config.
 * @throws GmnmError when there is something in it: nothing is ever overwritten.
 */
export async function createFolder(path: string): Promise<RunFolder> {
  const folder = new RunFolder(path);
  try {
    await mkdir(path, { recursive: true });
    // Killed before it had a config, a run is none: the folder is as good as empty.
    if (!existsSync(folder.file("config"))) await folder.clearLeftovers();
    const found = await readdir(path);
    if (found.includes(FILES.config)) {
      const how = folder.isFinished ? "name another folder with --out" : `go on with it: gmnm resume ${path}`;
      throw new GmnmError(`there is a run in ${path} already; ${how}`);
    }
    if (found.length > 0) throw new GmnmError(`the folder ${path} is not empty; name another one with --out`);
  } catch (error) {
    throw fileError("write", path, error);
  }
  return folder;
}

/** A new run, which goes on from here even when it is killed. @throws GmnmError as {@link createFolder}. */
export async function createRun(path: string, config: RunConfig): Promise<RunFolder> {
  const folder = await createFolder(path);
  await folder.write("config", config);
  return folder;
}

/** A run that is there, with its config. @throws GmnmError for a folder without one, or with a config that is none. */
export async function openRun(path: string): Promise<{ folder: RunFolder; config: RunConfig }> {
  const folder = new RunFolder(path);
  if (!existsSync(path)) throw new GmnmError(`there is no run ${path}: no such folder`);
  if (!existsSync(folder.file("config"))) {
    throw new GmnmError(`there is no run in ${path}: it has no ${FILES.config}, which gmnm fit writes`);
  }
  return { folder, config: checkConfig(await folder.read("config"), folder.file("config")) };
}

/** A run whose training has ended. @throws GmnmError that says how to go on when it has not. */
export async function openFinishedRun(path: string): Promise<{ folder: RunFolder; config: RunConfig }> {
  const run = await openRun(path);
  if (!run.folder.isFinished) {
    throw new GmnmError(
      `the run ${path} has not ended: there is no ${FILES.summary} yet; go on with gmnm resume ${path}`,
    );
  }
  return run;
}

/** `runs/NAME`, or the first free of `runs/NAME-2`, `runs/NAME-3` … */
export function freeRunPath(name: string): string {
  const base = join("runs", name);
  for (let n = 1; ; n++) {
    const path = n === 1 ? base : `${base}-${n}`;
    if (!existsSync(path)) return path;
  }
}
