import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
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
    [["reproduce", "tabular", "--models", "GMNM, wide"], {}, 2, /there is no "wide" here; .* GMNM\\, additive, /],
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
});
