import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { gmnm, gmnmHere, scratch } from "../run/small-run.ts";

const folder = scratch();
const file = join(folder, "sales.csv");
const run = join(folder, "run");
const month = (i: number) => `${2010 + Math.floor(i / 12)}-${String(1 + (i % 12)).padStart(2, "0")}`;
/** Twelve years of months: growth, a season that grows with it, and a little that cannot be known. */
const units = (i: number) => (200 + 2 * i) * (1 + 0.3 * Math.sin((2 * Math.PI * i) / 12)) + 3 * Math.sin(17 * i * i);

beforeAll(async () => {
  const lines = Array.from({ length: 144 }, (_, i) => `${month(i)},${units(i).toFixed(2)},x`);
  writeFileSync(file, `month,units,note\n${lines.join("\n")}\n`);
  const args = [
    "fit",
    file,
    "--target",
    "units",
    "--task",
    "forecast",
    "--horizon",
    "12",
    "--test",
    "17%",
    "--time-budget",
    "3s",
  ];
  const { status, stderr } = await gmnmHere([...args, "--out", run]);
  if (status !== 0) throw new Error(stderr);
}, 120_000);

describe("a forecast", () => {
  it("finds the dates and the season by itself, and is better than the season before", () => {
    const summary = JSON.parse(readFileSync(join(run, "summary.json"), "utf8"));
    expect(summary).toMatchObject({
      task: "forecast",
      target: ["units"],
      rows: { read: 144, trained: 120, tested: 24 },
    });
    expect(summary.baseline.name).toBe("the last season again");
    expect(summary.chosen.test.rmse).toBeLessThan(0.7 * summary.baseline.test.rmse);
    expect(JSON.parse(readFileSync(join(run, "preprocessing.json"), "utf8"))).toMatchObject({
      time: "month",
      season: 12,
    });
    expect(readFileSync(join(run, "report.html"), "utf8")).toContain("What comes next");
  });

  it("goes on behind the end of the file, with dates in the file's own form", () => {
    const { status, stdout } = gmnm(["predict", run]);
    expect(status).toBe(0);
    const lines = stdout
      .trim()
      .split("\n")
      .map((line) => line.split(","));
    expect(lines[0]).toEqual(["month", "units"]);
    expect(lines.slice(1).map(([date]) => date)).toEqual(Array.from({ length: 12 }, (_, i) => month(144 + i)));
    for (const [i, [, value]] of lines.slice(1).entries()) {
      expect(Math.abs(Number(value) / units(144 + i) - 1)).toBeLessThan(0.1);
    }
  });

  it("is judged by what came, step by step, beside the naive forecasts", async () => {
    const { stdout } = await gmnmHere(["evaluate", run, file, "--json"]);
    const found = JSON.parse(stdout);
    expect(found).toMatchObject({ task: "forecast", horizon: 12 });
    expect(found.targets[0].model.rmsePerStep).toHaveLength(12);
    expect(found.targets[0].model.rmse).toBeLessThan(found.targets[0].seasonalNaive.rmse);
    expect((await gmnmHere(["evaluate", run, file])).stdout).toMatch(/last season/);
  });

  it("is the same again from its config, inspected and exported", async () => {
    const again = join(folder, "again");
    expect((await gmnmHere(["fit", "--config", join(run, "config.json"), "--out", again])).status).toBe(0);
    const bytes = (path: string) => readFileSync(join(path, "model.safetensors"));
    expect(bytes(again).equals(bytes(run))).toBe(true);
    expect((await gmnmHere(["inspect", run])).stdout).toMatch(/parameters; looked at 144 rows/);
    const { stdout } = await gmnmHere(["export", run, "--to", "js", "--out", join(folder, "sales.js"), "--json"]);
    expect(JSON.parse(stdout).error).toBeLessThan(1e-5);
  });

  it("refuses in one sentence what cannot be", async () => {
    const twice = join(folder, "twice.csv");
    writeFileSync(twice, readFileSync(file, "utf8").replace("2010-02,", "2010-01,"));
    const forecast = ["--target", "units", "--task", "forecast"];
    const cases: [string[], number, RegExp][] = [
      [
        ["fit", file, "--target", "units", "--horizon", "12", "--model", "kan"],
        2,
        /--model must be one of gmnm, nlinear, .* got kan/,
      ],
      [["fit", file, ...forecast, "--time", "mnth"], 2, /no column "mnth"; did you mean "month"/],
      [["fit", file, ...forecast, "--test", file, "--out", join(folder, "no")], 1, /give --test a share/],
      [["fit", twice, ...forecast, "--out", join(folder, "no")], 1, /lines 2 and 3 have the same date 2010-01/],
      [["predict", run, "--novelty"], 2, /--novelty is for rows of a table/],
      [["prune", run, "--keep-error", "1%"], 1, /only runs of tables are pruned/],
    ];
    for (const [args, code, message] of cases) {
      const { status, stderr } = await gmnmHere(args);
      expect(stderr, args.join(" ")).toMatch(message);
      expect(status, args.join(" ")).toBe(code);
    }
  });
});
