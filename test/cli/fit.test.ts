import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { load } from "../../src/io/index.ts";
import { gmnm, gmnmHere, scratch, writeConfig, writeHouses } from "../run/small-run.ts";

const folder = scratch();
const table = join(folder, "houses.csv");
const run = join(folder, "run");
const classes = join(folder, "classes");
const read = (path: string) => readFileSync(path, "utf8");

beforeAll(() => {
  writeHouses(table);
  writeConfig(join(folder, "config.json"), table, "price", { test: 0.2 });
  writeConfig(join(folder, "classes.json"), table, "class");
  for (const [config, out] of [
    ["config.json", run],
    ["classes.json", classes],
  ]) {
    const { status, stderr } = gmnm(["fit", "--config", join(folder, config), "--out", out]);
    if (status !== 0) throw new Error(stderr);
  }
}, 120_000);

describe("gmnm fit", () => {
  it("leaves a folder with everything, and nothing of the work on the way", async () => {
    for (const file of ["config.json", "metrics.jsonl", "model.onnx", "preprocessing.json", "inspection.json"]) {
      expect(existsSync(join(run, file)), file).toBe(true);
    }
    expect(existsSync(join(run, "state"))).toBe(false);
    expect((await load(join(run, "model.safetensors"))).layer.config.inFeatures).toBe(11);
    const summary = JSON.parse(read(join(run, "summary.json")));
    expect(summary).toMatchObject({
      task: "regression",
      target: ["price"],
      rows: { read: 160, trained: 128, tested: 32 },
    });
    // The price hangs on rooms and city most of all; a few steps are enough to be far better than the mean.
    expect(summary.chosen.test.rmse).toBeLessThan(0.4 * summary.baseline.test.rmse);
    const events = read(join(run, "metrics.jsonl"))
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(new Set(events.map(({ event }) => event))).toEqual(new Set(["candidate", "epoch", "result"]));
    const report = read(join(run, "report.html"));
    for (const words of [
      "How good it is",
      "What matters",
      "The Gaussians",
      "left out: nearly all its values are different",
    ]) {
      expect(report).toContain(words);
    }
  });

  it("does the same again from its config, to the bit", () => {
    const again = join(folder, "again");
    const { status } = gmnm(["fit", "--config", join(run, "config.json"), "--out", again]);
    expect(status).toBe(0);
    expect(readFileSync(join(again, "model.safetensors")).equals(readFileSync(join(run, "model.safetensors")))).toBe(
      true,
    );
    expect(JSON.parse(read(join(again, "summary.json"))).chosen.test).toEqual(
      JSON.parse(read(join(run, "summary.json"))).chosen.test,
    );
  });

  it("has nothing to go on with once it has ended, and takes away what a kill after its last word has left", async () => {
    const before = readdirSync(run).sort();
    mkdirSync(join(run, "state", "gmnm"), { recursive: true });
    writeFileSync(join(run, "state", "gmnm", "half"), "done so far");
    expect(await gmnmHere(["resume", run])).toEqual({
      status: 0,
      stdout: `${run} has ended already; there is nothing to go on with\n`,
      stderr: "",
    });
    expect(readdirSync(run).sort()).toEqual(before);
  });

  it("shows its settings and does nothing", () => {
    const { status, stdout } = gmnm(["fit", table, "--target", "price,age", "--time-budget", "2m", "--print-config"]);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ file: table, target: ["price", "age"], timeBudget: 120, model: "gmnm" });
  });

  it("refuses in one sentence what cannot be", async () => {
    const empty = join(folder, "empty.csv");
    writeFileSync(empty, "");
    const broken = join(folder, "broken.json");
    writeFileSync(broken, `{"file": ${JSON.stringify(table)}, "target": ["price"], "sead": 1}`);
    const { plans, ...config } = JSON.parse(read(join(folder, "config.json")));
    const [planless, huge] = ["planless.json", "huge.json"].map((name) => join(folder, name));
    writeFileSync(planless, JSON.stringify({ ...config, plans: { gmnm: { ...plans.gmnm, candidates: undefined } } }));
    const [candidate] = plans.gmnm.candidates;
    const candidates = [{ ...candidate, config: { ...candidate.config, numComponents: 1e9 } }];
    writeFileSync(huge, JSON.stringify({ ...config, plans: { gmnm: { ...plans.gmnm, candidates } } }));
    const cases: [string[], number, RegExp][] = [
      [["fit"], 2, /name a table to learn from/],
      [["fit", table], 2, /name what to predict/],
      [["fit", table, "--target", "prise"], 2, /no column "prise"; did you mean "price"/],
      [["fit", table, "--target", "price", "--ignore", "nosuch"], 2, /no column "nosuch"/],
      [["fit", table, "--target", "price", "--model", "tree"], 2, /--model must be one of gmnm, .*, got tree/],
      [["fit", table, "--target", "price", "--task", "guess"], 2, /--task must be one of auto/],
      [["fit", table, "--target", "price", "--time-budget", "soon"], 2, /--time-budget must be a time/],
      [["fit", "--config", broken], 2, /broken\.json: there is no "sead"; there are .*\bseed\b/],
      [["fit", table, "--target", "price", "--header", "maybe"], 2, /header must be .*"yes".*, got "maybe"/],
      [["fit", "--config", planless], 2, /planless\.json, the plan for gmnm: candidates is missing/],
      [["fit", "--config", huge], 2, /huge\.json, the plan for gmnm: candidates\.0\.config must be a layer of at most/],
      [["fit", empty, "--target", "price"], 1, /empty\.csv/],
      [["fit", folder, "--target", "price"], 1, /cannot read/],
      [["fit", "--config", join(folder, "config.json"), "--out", run], 2, /there is a run in .*run already/],
      [["resume", join(folder, "nosuch")], 1, /there is no run/],
      [["predict", run, empty], 1, /empty\.csv/],
      [["predict", run, join(run, "model.onnx")], 1, /model\.onnx/],
      [["evaluate", join(folder, "nowhere"), table], 1, /there is no run/],
      [["evaluate", tmpdir(), table], 1, /it has no config\.json/],
    ];
    for (const [args, code, message] of cases) {
      const { status, stderr, stdout } = await gmnmHere(args);
      expect(stderr, args.join(" ")).toMatch(message);
      expect(
        stderr
          .trim()
          .split("\n")
          .filter((line) => line.startsWith("gmnm: ")),
        args.join(" "),
      ).toHaveLength(1);
      expect(stderr).not.toMatch(/\n\s+at /);
      expect(stdout).toBe("");
      expect(status, args.join(" ")).toBe(code);
    }
  }, 120_000);
});

describe("a run", () => {
  it("predicts every row in its order, in the target's unit, with a note on how new it is", () => {
    const rows = join(folder, "new.csv");
    // Columns in another order, one more that is not needed, a city that was never seen, and a house far from all others.
    writeFileSync(
      rows,
      "city,extra,age,rooms,sold,id\nRome,1,10,3,2021-05-01,x\nOslo,1,40,3,2021-05-01,y\nRome,1,9000,300,2021-05-01,z\n",
    );
    const { status, stdout, stderr } = gmnm(["predict", run, rows, "--novelty"]);
    expect(status).toBe(0);
    const [header, ...lines] = stdout.trim().split("\n");
    expect(header).toBe("price,novelty");
    const [rome, oslo, far] = lines.map((line) => line.split(",").map(Number));
    expect(rome[0]).toBeGreaterThan(oslo[0] + 50); // by 60 for the city and 80 for the age
    expect(far[1]).toBeGreaterThan(10 * rome[1]);
    expect(stderr).toMatch(/column "city": 1 value that training did not tell apart, such as "Oslo"/);
  });

  it("is judged in the target's unit, and by classes", () => {
    const numbers = JSON.parse(gmnm(["evaluate", run, table, "--json"]).stdout);
    expect(numbers).toMatchObject({ task: "regression", n: 160 });
    expect(numbers.r2).toBeGreaterThan(0.8);
    const found = JSON.parse(gmnm(["evaluate", classes, table, "--json"]).stdout);
    expect(found.confusion.classes).toEqual(["cheap", "dear"]);
    expect(found.confusion.counts.flat().reduce((sum: number, n: number) => sum + n)).toBe(160);
    expect(found.accuracy).toBeGreaterThan(0.8);
  });

  it("tells what it is made of, as text and as JSON", () => {
    const { stdout } = gmnm(["inspect", run, "--components", "3"]);
    expect(stdout).toMatch(/Gaussians/);
    expect(stdout).toMatch(/rooms +\d+(\.\d+)? %/);
    const inspection = JSON.parse(gmnm(["inspect", run, "--on", table, "--json"]).stdout);
    expect(inspection.influences[0].input).toBe("rooms");
    expect(inspection.components.reduce((sum: number, { share }: { share: number }) => sum + share, 0)).toBeCloseTo(
      1,
      6,
    );
  });

  it("is pruned into a run of its own, which predicts nearly as well", () => {
    const { status, stdout } = gmnm(["prune", run, "--keep-error", "5%", "--json"]);
    expect(status).toBe(0);
    const { components, error } = JSON.parse(stdout);
    expect(components.after).toBeLessThan(components.before);
    expect(error.after).toBeLessThanOrEqual(1.05 * error.before);
    const { rmse } = JSON.parse(gmnm(["evaluate", `${run}-pruned`, table, "--json"]).stdout);
    expect(rmse).toBeCloseTo(error.after, 2);
  });
});
