// What a run that was killed leaves in its folder, and what is never touched there.
import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checkConfig } from "../../src/run/config.ts";
import { createRun, FILES } from "../../src/run/folder.ts";
import { scratch } from "./small-run.ts";

const config = checkConfig({ file: "houses.csv", target: ["price"] }, "config.json");
const halfWritten = (name: keyof typeof FILES) => `${FILES[name]}.${randomUUID()}.tmp`;

test("killed before it had a config, a run is begun anew in the same folder", async () => {
  const path = join(scratch(), "run");
  mkdirSync(path);
  writeFileSync(join(path, halfWritten("config")), '{"file": "hou');
  await createRun(path, config);
  expect(readdirSync(path)).toEqual([FILES.config]);
});

test("files of others stay, whatever they are called, and the folder is refused", async () => {
  for (const name of ["notes.tmp", `notes.${randomUUID()}.tmp`, "config.json.tmp"]) {
    const path = scratch();
    writeFileSync(join(path, name), "mine");
    await expect(createRun(path, config)).rejects.toThrow(`the folder ${path} is not empty`);
    expect(readdirSync(path)).toEqual([name]);
  }
});

test("a run that has ended keeps nothing half written", async () => {
  const folder = await createRun(join(scratch(), "run"), config);
  mkdirSync(folder.file("state"));
  writeFileSync(join(folder.path, halfWritten("model")), "half");
  await folder.clearState();
  expect(readdirSync(folder.path)).toEqual([FILES.config]);
  expect(existsSync(folder.file("config"))).toBe(true);
});
