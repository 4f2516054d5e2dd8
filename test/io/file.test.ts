import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeAtomic } from "../../src/io/atomic.ts";
import { load, save } from "../../src/io/file.ts";
import { linear } from "../../src/nn/linear.ts";
import { namedTensors } from "../../src/params.ts";
import { tensor } from "../../src/tensor.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "gmnm-io-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const model = { layer: linear(2, 1, { bias: false }), params: { weights: tensor([1, 2], [2, 1]) } };
const saveForever = fileURLToPath(new URL("fixtures/save-forever.ts", import.meta.url));
// Windows has no `ulimit` to fill a disk with, makes symbolic links for administrators only, and keeps files of killed processes open.
const posix = process.platform !== "win32";

test("a model is saved and loaded, and replaces the one that was there", async () => {
  const path = join(folder, "model.safetensors");
  await save({ ...model, params: { weights: tensor([8, 9], [2, 1]) } }, path);
  await save(model, path);
  const loaded = await load(path);
  expect(loaded.params).toEqual(model.params);
  expect(loaded.layer.config).toEqual(model.layer.config);
});

test.runIf(posix)("a symbolic link stays one", async () => {
  const [target, link] = [join(folder, "target"), join(folder, "link")];
  await save(model, target);
  symlinkSync(target, link);
  await writeAtomic(link, "new");
  expect(readFileSync(target, "utf8")).toBe("new");
});

describe("one sentence", () => {
  test.each([
    ["a missing file", "missing", "no such file or folder"],
    ["a folder", ".", "it is a folder"],
    ["an empty file", "empty", "it is empty"],
    ["a file as folder", "empty/model", "a part of the path is not a folder"],
  ])("load: %s", async (_, name, reason) => {
    writeFileSync(join(folder, "empty"), "");
    const path = join(folder, name);
    await expect(load(path)).rejects.toThrow(`gmnm: cannot read ${path}: ${reason}`);
  });

  test("load: a file that is no model is named", async () => {
    const path = join(folder, "text");
    writeFileSync(path, "once upon a time");
    await expect(load(path)).rejects.toThrow(`gmnm: ${path}: the header should be`);
  });

  test("save: a missing folder, and a folder in the file's place", async () => {
    const missing = join(folder, "missing", "model");
    await expect(save(model, missing)).rejects.toThrow(`gmnm: cannot write ${missing}: no such file or folder`);
    const taken = join(folder, "taken");
    mkdirSync(taken);
    await expect(save(model, taken)).rejects.toThrow(`gmnm: cannot write ${taken}: it is a folder`);
    expect(readdirSync(folder).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });
});

describe.runIf(posix)("never a lost file", () => {
  test("a write that stops half-way, as on a full disk, leaves the old file", async () => {
    const path = join(folder, "full.safetensors");
    await save(model, path);
    const child = spawn("sh", ["-c", `ulimit -f 16; exec "$0" "$@"`, process.execPath, saveForever, path]);
    let output = "";
    child.stdout.on("data", (chunk) => {
      output += chunk;
    });
    await once(child, "close");
    expect(output).toBe(`GmnmError: gmnm: cannot write ${path}: the file would be too large`);
    expect((await load(path)).params).toEqual(model.params);
    expect(readdirSync(folder).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  test("8 kills in the middle of saving leave a whole file each", { timeout: 60_000 }, async () => {
    const path = join(folder, "killed.safetensors");
    for (let kill = 0; kill < 8; kill++) {
      const child = spawn(process.execPath, [saveForever, path]);
      await once(child.stdout, "data");
      await new Promise((resolve) => setTimeout(resolve, 3 * kill));
      child.kill("SIGKILL");
      await once(child, "close");
      expect(existsSync(path)).toBe(true);
      const [[, weights]] = namedTensors((await load(path)).params);
      expect(new Set(weights.data).size).toBe(1);
    }
  });
});
