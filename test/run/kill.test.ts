import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { Random } from "../../src/random.ts";
import { gmnm, scratch, writeConfig, writeHouses } from "./small-run.ts";

const folder = scratch();
const reference = join(folder, "reference");
const config = join(folder, "config.json");

beforeAll(() => {
  writeHouses(join(folder, "houses.csv"));
  writeConfig(config, join(folder, "houses.csv"), "price", { level: 2 });
  const { status, stderr } = gmnm(["fit", "--config", config, "--out", reference]);
  if (status !== 0) throw new Error(stderr);
}, 120_000);

/** In milliseconds, later than any test. */
const NEVER = 2 ** 31 - 1;

/** Starts the command line and kills it after so many milliseconds, if it has not ended by then. Says whether it was killed. */
function killed(args: readonly string[], after: number): Promise<boolean> {
  const child = spawn(process.execPath, ["src/cli/main.ts", ...args], { stdio: ["ignore", "ignore", "pipe"] });
  let stderr = "";
  child.stderr.on("data", (text) => {
    stderr += text;
  });
  const timer = setTimeout(() => child.kill("SIGKILL"), after);
  return new Promise((resolve, reject) => {
    child.on("exit", (code, signal) => {
      clearTimeout(timer);
      if (signal === "SIGKILL") resolve(true);
      else if (code === 0) resolve(false);
      else reject(new Error(`gmnm ${args.join(" ")} ended with ${code}: ${stderr}`));
    });
  });
}

/** One run, killed at random moments while that is wanted, until it has ended by itself; counts every time it was killed. */
async function untilItEnds(out: string, random: Random, { isWanted, count }: { isWanted(): boolean; count(): void }) {
  for (let kills = 0; ; kills++) {
    const isThere = existsSync(join(out, "config.json"));
    const args = isThere ? ["resume", out] : ["fit", "--config", config, "--out", out];
    // Longer from time to time, so that a slow machine gets on, too.
    const after = isWanted() ? random.uniform(150, 1200 + 400 * kills) : NEVER;
    if (!(await killed(args, after))) return;
    count();
    // What has a name is whole: a finished run has all its files, and JSON is JSON.
    if (isThere) JSON.parse(readFileSync(join(out, "config.json"), "utf8"));
    if (existsSync(join(out, "summary.json"))) {
      for (const file of ["model.safetensors", "model.onnx", "report.html", "metrics.jsonl", "inspection.json"]) {
        expect(existsSync(join(out, file)), file).toBe(true);
      }
    }
  }
}

it("30 kills at random moments: every run goes on and ends with the bytes of one that was never interrupted", async () => {
  const random = new Random(Date.now());
  const whole = readFileSync(join(reference, "model.safetensors"));
  const scores = ({ chosen }: { chosen: object }) => ({ ...chosen, seconds: 0 });
  const summaryOf = (run: string) => scores(JSON.parse(readFileSync(join(run, "summary.json"), "utf8")));
  let kills = 0;
  let runs = 0;
  const chain = async () => {
    while (kills < 30) {
      const out = join(folder, `run-${++runs}`);
      await untilItEnds(out, random.split(), { isWanted: () => kills < 30, count: () => kills++ });
      expect(readFileSync(join(out, "model.safetensors")).equals(whole)).toBe(true);
      expect(summaryOf(out)).toEqual(summaryOf(reference));
      expect(readdirSync(out).sort()).toEqual(readdirSync(reference).sort()); // and nothing half written beside them
    }
  };
  await Promise.all([chain(), chain()]);
  console.log(`${kills} kills in ${runs} runs`);
  expect(kills).toBeGreaterThanOrEqual(30);
}, 300_000);

it("pruning that is killed leaves a whole run, or none that could be gone on with", async () => {
  const random = new Random(Date.now());
  const whole = ["config.json", "summary.json", "model.safetensors", "model.onnx", "preprocessing.json"];
  for (let i = 0; i < 8; i++) {
    const out = join(folder, `pruned-${i}`);
    const wasKilled = await killed(
      ["prune", reference, "--keep-error", "5%", "--out", out],
      random.uniform(200, 600 + 300 * i),
    );
    if (existsSync(join(out, "config.json")) || !wasKilled) {
      expect(readdirSync(out)).toEqual(expect.arrayContaining(whole));
    }
  }
}, 60_000);
