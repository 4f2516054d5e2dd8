import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const gmnm = (args: string[], env: NodeJS.ProcessEnv = {}) =>
  spawnSync(process.execPath, ["src/cli/main.ts", ...args], { encoding: "utf8", env: { ...process.env, ...env } });

describe("gmnm reproduce", () => {
  it("shows examples in its help and exits with 0", () => {
    const { status, stdout } = gmnm(["reproduce", "--help"]);
    expect(status).toBe(0);
    expect(stdout).toContain("gmnm reproduce functions --quick");
  });

  it.each([
    [["reproduce", "function"], {}, 2, /there is no experiment "function"; there are functions, .*tabular.*, and all/],
    [["reproduce", "tabular", "--models", "GMNM, wide"], {}, 2, /there is no "wide" in tabular; .* GMNM\\, additive, /],
    [["reproduce", "functions", "--quick", "--full"], {}, 2, /choose one of --quick and --full/],
    [["reproduce", "functions", "--seeds", "0"], {}, 2, /--seeds must be a whole number of at least 1, got 0/],
    [
      ["reproduce", "tabular", "--data", "no/such/folder"],
      {},
      1,
      /there is no data folder no\/such\/folder \(from --data\)/,
    ],
    [["reproduce", "tabular"], { GMNM_DATA: "no/such/folder" }, 1, /from GMNM_DATA/],
    [["reproduce", "functions", "--quik"], {}, 2, /unknown option '--quik'\s+\(Did you mean --quick\?\)/],
    [["reproduce"], {}, 2, /missing required argument/],
    [["reprodce"], {}, 2, /unknown command 'reprodce'/],
  ])("%j fails in one sentence", (args, env, code, message) => {
    const { status, stderr } = gmnm(args, env);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(status).toBe(code);
  });

  it("finds a name that a later experiment does not know before it runs the first, and writes nothing", () => {
    const out = join(mkdtempSync(join(tmpdir(), "gmnm-")), "out");
    const { status, stderr } = gmnm(["reproduce", "functions", "poisson", "--models", "RBF", "--out", out]);
    expect(stderr).toMatch(/there is no "RBF" in poisson; there are GMNM, /);
    expect(stderr).not.toContain("functions:");
    expect(status).toBe(2);
    expect(existsSync(out)).toBe(false);
  });

  it("says which file is not the one that was published, also from a worker", () => {
    const folder = mkdtempSync(join(tmpdir(), "gmnm-"));
    for (const name of ["concrete", "energy"]) {
      mkdirSync(join(folder, "tabular", "uci", name), { recursive: true });
      writeFileSync(join(folder, "tabular", "uci", name, "data.txt"), "1 2 3\n");
    }
    const { status, stderr } = gmnm(["reproduce", "tabular", "--data", folder, "--out", join(folder, "out")]);
    expect(stderr).toMatch(/gmnm: .*data\.txt is not the file that was published: SHA-256/);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(status).toBe(1);
  });

  // Windows has no such signal.
  it.skipIf(process.platform === "win32")("keeps what has ended when it is interrupted, and goes on", async () => {
    const out = mkdtempSync(join(tmpdir(), "gmnm-"));
    const trials = join(out, "trials");
    const args = ["reproduce", "functions", "--seeds", "1", "--tasks", "franke", "--models", "RBF", "--out", out];
    const child = spawn(process.execPath, ["src/cli/main.ts", ...args], { stdio: ["ignore", "ignore", "pipe"] });
    let errors = "";
    child.stderr.on("data", (chunk) => {
      errors += chunk;
    });
    const waiting = setInterval(() => {
      const ended = existsSync(trials) ? readdirSync(trials).filter((name) => !name.endsWith(".tmp")) : [];
      if (ended.length > 0) child.kill("SIGINT");
    }, 20);
    const [, signal] = await once(child, "close");
    clearInterval(waiting);
    expect(signal).toBe("SIGINT");
    expect(errors).toMatch(/gmnm: interrupted; trials that have ended are kept: the same command goes on with them\n$/);
    const { status, stderr } = gmnm(args);
    expect(status).toBe(0);
    expect(stderr).toMatch(/functions: \d+ s, and [1-9] trials? kept from before/);
    expect(readdirSync(out).sort()).toEqual(["report.html", "results.json"]);
  });
});
