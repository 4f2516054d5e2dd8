// Processes that are killed while they train, and called again, end with the same files.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Executor } from "../../src/compile/executor.ts";
import { Random } from "../../src/random.ts";
import { decodeSnapshot } from "../../src/train/snapshot.ts";

describe("processes that are killed", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "gmnm-resume-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  const script = fileURLToPath(new URL("fixtures/fit-with-snapshots.ts", import.meta.url));

  /** Trains in a process of its own, which is killed a little after it has told of so many epochs; true if it ended by itself before. */
  async function trained(name: string, executor: Executor, killAfter = Infinity, delay = 0): Promise<boolean> {
    const env = { ...process.env, NODE_COMPILE_CACHE: join(folder, "cache") };
    const child = spawn(process.execPath, [script, folder, name, executor], { env });
    let errors = "";
    child.stderr.on("data", (chunk) => {
      errors += chunk;
    });
    let told = 0;
    child.stdout.on("data", (chunk: Buffer) => {
      const before = told;
      told += chunk.filter((byte) => byte === 10).length;
      if (before < killAfter && told >= killAfter) setTimeout(() => child.kill("SIGKILL"), delay);
    });
    const [code, signal] = await once(child, "close");
    expect(errors).toBe("");
    expect(signal === "SIGKILL" || code === 0).toBe(true);
    return code === 0;
  }

  // Windows keeps files of killed processes open.
  test.runIf(process.platform !== "win32").concurrent.each([
    ["native", 12],
    ["wasm", 20],
  ] as const)(
    "%s: %d kills at random moments, and the same files byte for byte",
    { timeout: 120_000 },
    async (executor, planned) => {
      const random = new Random(Date.now());
      const read = (name: string, ending: string) => readFileSync(join(folder, `${executor}-${name}.${ending}`));
      await trained(`${executor}-whole`, executor);
      const { history } = await decodeSnapshot(read("whole", "snapshot"), "whole");
      for (let kills = 0, round = 0; kills < planned; round++) {
        const name = `${executor}-${round}`;
        const epochs = () => (kills < planned ? 1 + random.integer(3) : Infinity);
        while (!(await trained(name, executor, epochs(), random.uniform(0, 12)))) kills++;
        for (const ending of ["safetensors", "best"])
          expect(read(String(round), ending).equals(read("whole", ending))).toBe(true);
        const again = await decodeSnapshot(read(String(round), "snapshot"), name);
        const timeless = again.history.map((record, i) => ({ ...record, seconds: history[i].seconds }));
        expect(timeless).toEqual(history);
      }
      // What writes that were killed have left is removed, but for checkpoints, which are another's.
      expect(readdirSync(folder).filter((name) => /snapshot\..*tmp$/.test(name) && name.startsWith(executor))).toEqual(
        [],
      );
    },
  );
});
