import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { scratch } from "../run/small-run.ts";

const folder = scratch();
function started(more: Record<string, string>) {
  const { NODE_COMPILE_CACHE: _, ...env } = process.env;
  return spawnSync(process.execPath, ["src/cli/main.ts", "--version"], { encoding: "utf8", env: { ...env, ...more } });
}

test("what was compiled is kept in a folder of the user's, or where Node is told, or nowhere", () => {
  const home = join(folder, "home");
  expect(started({ HOME: home, XDG_CACHE_HOME: "" }).status).toBe(0);
  expect(readdirSync(join(home, ".cache/gmnm"))).toHaveLength(1);
  expect(started({ XDG_CACHE_HOME: join(folder, "xdg") }).status).toBe(0);
  expect(readdirSync(join(folder, "xdg/gmnm"))).toHaveLength(1);
  expect(started({ NODE_COMPILE_CACHE: join(folder, "told"), XDG_CACHE_HOME: join(folder, "other") }).status).toBe(0);
  expect([existsSync(join(folder, "told")), existsSync(join(folder, "other"))]).toEqual([true, false]);
  expect(started({ NODE_DISABLE_COMPILE_CACHE: "1", XDG_CACHE_HOME: join(folder, "none") }).status).toBe(0);
  expect(existsSync(join(folder, "none/gmnm"))).toBe(false);
});

test("starts where nothing can be kept", () => {
  const file = join(folder, "a file");
  writeFileSync(file, "");
  for (const [home, caches] of [
    [folder, file],
    ["", ""],
  ]) {
    const { status, stdout, stderr } = started({ HOME: home, XDG_CACHE_HOME: caches });
    expect([status, stdout, stderr]).toEqual([0, expect.stringMatching(/^\d+\.\d+\.\d+\n$/), ""]);
  }
});
