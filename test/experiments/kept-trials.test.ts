// A comparison that is interrupted goes on from the trials that had ended.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { compare } from "../../experiments/shared/compare.ts";
import type { Outcome, Trial } from "../../experiments/shared/experiment.ts";
import { KeptTrials } from "../../experiments/shared/kept-trials.ts";
import { Random } from "../../src/random.ts";
import { experiment, outcome, plan } from "./fake.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gmnm-trials-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Compares with what a folder keeps; the trial after `limit` others fails. */
async function compared(kept: KeptTrials, limit = Infinity) {
  let ran = 0;
  const keeping = kept.keeping(async (trial) => {
    if (ran === limit) throw new Error("switched off");
    ran++;
    return outcome(trial);
  });
  // One at a time: after a failure nothing is under way.
  let last: Promise<unknown> = Promise.resolve();
  const run = (trial: Trial): Promise<Outcome> => {
    const next = last.then(() => keeping(trial));
    last = next;
    return next;
  };
  const found = await compare(experiment, plan, { run, runAlone: run, report: () => {} });
  return { found, ran };
}

test("what ran is not run again, wherever the comparison stopped", async () => {
  const whole = await compared(new KeptTrials(join(folder, "whole")));
  for (const limit of [0, 1, 7, 8, 20, 25, whole.ran - 1]) {
    const path = join(folder, String(limit));
    await expect(compared(new KeptTrials(path), limit)).rejects.toThrow("switched off");
    const kept = new KeptTrials(path);
    const rest = await compared(kept);
    expect(rest.found).toEqual(whole.found);
    expect(kept.reused).toBe(limit);
    expect(rest.ran).toBe(whole.ran - limit);
  }
});

test("equal trials have outcomes of their own", async () => {
  const trial: Trial = { ...(await anyTrial()), purpose: "timing" };
  let time = 0;
  const timed = async (one: Trial) => ({ ...outcome(one), msPerStep: ++time });
  const first = new KeptTrials(folder).keeping(timed);
  const times = [(await first(trial)).msPerStep, (await first(trial)).msPerStep];
  const again = new KeptTrials(folder).keeping(timed);
  expect([(await again(trial)).msPerStep, (await again(trial)).msPerStep]).toEqual(times);
  expect(times).toEqual([1, 2]);
});

test("numbers that JSON has not, and parameters, come back as they were", async () => {
  const params = { layers: [{ weights: { data: Float32Array.of(1, -0, 1e-40), shape: [3] } }] };
  const odd = { ...outcome(await anyTrial()), validation: Number.NaN, test: Infinity, params };
  await new KeptTrials(folder).keeping(async () => odd)(await anyTrial());
  expect(await new KeptTrials(folder).keeping(async () => outcome(await anyTrial()))(await anyTrial())).toEqual(odd);
});

test("another program runs its trials itself, and so does the same where a file is damaged", async () => {
  const { ran } = await compared(new KeptTrials(folder, "one"));
  expect((await compared(new KeptTrials(folder, "other"))).ran).toBe(ran);
  for (const name of readdirSync(folder)) writeFileSync(join(folder, name), "half a fi");
  expect((await compared(new KeptTrials(folder, "one"))).ran).toBe(ran);
  await new KeptTrials(folder).remove();
  expect(() => readdirSync(folder)).toThrow("ENOENT");
});

// Windows keeps files of killed processes open.
test.skipIf(process.platform === "win32")(
  "processes that are killed find together what one would have found",
  async () => {
    const script = fileURLToPath(new URL("fixtures/compare-slowly.ts", import.meta.url));
    /** The lines of a process that is killed so long after it has run so many trials. */
    const lines = async (path: string, killAfter = Infinity, delay = 0): Promise<string[]> => {
      const child = spawn(process.execPath, [script, path], { stdio: ["ignore", "pipe", "inherit"] });
      let text = "";
      child.stdout.on("data", (chunk) => {
        text += chunk;
        if (text.split("\n").length > killAfter) setTimeout(() => child.kill("SIGKILL"), delay);
      });
      await once(child, "close");
      return text.trim().split("\n");
    };
    const whole = JSON.parse((await lines(join(folder, "whole"))).at(-1)!);
    expect(whole.reused).toBe(0);
    const random = new Random(Date.now());
    let last = "";
    let kills = -1;
    for (; !last.startsWith("{"); kills++)
      last = (await lines(join(folder, "killed"), 3 + random.integer(5), random.uniform(0, 6))).at(-1)!;
    expect(kills).toBeGreaterThan(1);
    const { found, reused } = JSON.parse(last);
    expect(found).toEqual(whole.found);
    expect(reused).toBeGreaterThan(0);
  },
);

/** The first trial that a comparison asks for. */
async function anyTrial(): Promise<Trial> {
  const asked: Trial[] = [];
  const run = async (trial: Trial) => {
    asked.push(trial);
    return outcome(trial);
  };
  await compare(experiment, plan, { run, runAlone: run, report: () => {} });
  return asked[0];
}
