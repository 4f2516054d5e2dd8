import { spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { vi } from "vitest";
import { planOf } from "../../src/auto/index.ts";
import { runProgram } from "../../src/cli/program.ts";
import { Random } from "../../src/random.ts";

/** A folder for one test file. */
export const scratch = (): string => mkdtempSync(join(tmpdir(), "gmnm-run-"));

/** A table of houses: two numbers, a category, a date, something missing, an identifier; price = f(rooms, age, city). */
export function writeHouses(path: string, rows = 160, seed = 1): void {
  const random = new Random(seed);
  const lines = Array.from({ length: rows }, (_, i) => {
    const rooms = 1 + random.integer(7);
    const age = random.uniform(0, 80);
    const city = ["Bonn", "Graz", "Rome"][random.integer(3)];
    const day = new Date(Date.UTC(2020, 0, 1) + 86_400_000 * random.integer(1000)).toISOString().slice(0, 10);
    const price =
      50 * rooms + 80 * Math.exp(-(((age - 10) / 15) ** 2)) + (city === "Rome" ? 60 : 0) + random.gaussian();
    return `house-${i},${rooms},${random.uniform() < 0.05 ? "" : age.toFixed(2)},${city},${day},${price.toFixed(3)},${price > 250 ? "dear" : "cheap"}`;
  });
  writeFileSync(path, `${["id,rooms,age,city,sold,price,class", ...lines].join("\n")}\n`);
}

/** A config whose plan is small and fixed, so that its run is quick and the same on every machine. */
export function writeConfig(
  path: string,
  table: string,
  target: string,
  { steps = 60, level = 4, ...more }: { steps?: number; level?: number; test?: number } = {},
): void {
  const task = target === "class" ? "classification" : "regression";
  // Features: rooms, age and its flag, three cities, the trend of the date and sin and cos of its year and week.
  const plan = planOf(
    {
      rows: Math.round(160 * (1 - (more.test ?? 0))),
      features: 11,
      outputs: task === "regression" ? 1 : 2,
      task,
      model: "gmnm",
      seed: 0,
    },
    level,
    steps,
  );
  const ignore = target === "class" ? ["price"] : ["class"];
  writeFileSync(
    path,
    JSON.stringify({
      file: table,
      target: [target],
      ignore,
      task,
      plans: { gmnm: { ...plan, searchFolds: 1 } },
      ...more,
    }),
  );
}

/** Runs the command line in this process, which is quicker: for what prints by `console`. */
export async function gmnmHere(args: readonly string[]) {
  const printed = { stdout: "", stderr: "" };
  const spies = [
    vi.spyOn(console, "log").mockImplementation((line) => {
      printed.stdout += `${line}\n`;
    }),
    vi.spyOn(console, "error").mockImplementation((line) => {
      printed.stderr += `${line}\n`;
    }),
    vi.spyOn(process.stderr, "write").mockImplementation((text) => {
      printed.stderr += text;
      return true;
    }),
  ];
  try {
    const status = await runProgram(args);
    return { status, ...printed };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

/** Runs the command line. */
export function gmnm(args: readonly string[]) {
  return spawnSync(process.execPath, ["src/cli/main.ts", ...args], { encoding: "utf8" });
}
