import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { deserialize, serialize } from "node:v8";
import { writeAtomic } from "../../src/io/atomic.ts";
import { readBytesIfThere } from "../../src/io/read-bytes.ts";
import type { Outcome, RunTrial, Trial } from "./experiment.ts";

/**
 * What the trials of a comparison gave, a file each, until the comparison has ended: the same command goes on from there when it was interrupted
 * after an hour. Trials of another version of the program are run again.
 */
export class KeptTrials {
  readonly #folder: string;
  readonly #program: string;
  /** How often each trial was asked for: of equal ones, such as to time a step twice, each has its own file. */
  readonly #asked = new Map<string, number>();
  #reused = 0;

  /** @param program - what trials depend on besides themselves; the default is every file of this program. */
  constructor(folder: string, program = programDigest()) {
    this.#folder = folder;
    this.#program = program;
  }

  /** Trials that were not run, as an earlier run had kept them. */
  get reused(): number {
    return this.#reused;
  }

  /** Runs trials that are not kept yet, and keeps them. */
  keeping(run: RunTrial): RunTrial {
    return async (trial) => {
      const path = this.#pathOf(trial); // before anything is awaited: the order of equal trials tells them apart
      const kept = await read(path);
      if (kept) {
        this.#reused++;
        return kept;
      }
      const outcome = await run(trial);
      await mkdir(this.#folder, { recursive: true });
      await writeAtomic(path, serialize(outcome));
      return outcome;
    };
  }

  remove(): Promise<void> {
    return rm(this.#folder, { recursive: true, force: true });
  }

  #pathOf(trial: Trial): string {
    const key = JSON.stringify(trial);
    const count = this.#asked.get(key) ?? 0;
    this.#asked.set(key, count + 1);
    return join(this.#folder, digest([this.#program, key, `${count}`]));
  }
}

/** A kept outcome; undefined where there is none, or none that can be read. */
async function read(path: string): Promise<Outcome | undefined> {
  const bytes = await readBytesIfThere(path);
  try {
    return bytes && deserialize(bytes);
  } catch {
    return undefined;
  }
}

function digest(parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part).update("\0");
  return hash.digest("hex");
}

/** Of the source files, or of the built ones where this is built. */
function programDigest(): string {
  const here = fileURLToPath(import.meta.url);
  const root = fileURLToPath(new URL("../../", import.meta.url));
  const folders = extname(here) === ".ts" ? ["src", "experiments"] : ["."];
  const files = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(extname(here)))
      .map((file) => join(folder, file)),
  );
  return digest(files.sort().flatMap((file) => [file, readFileSync(join(root, file))]));
}
