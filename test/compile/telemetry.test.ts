// ONNX Runtime's packages report to Microsoft what they run, unless told not to; what a user trains is nobody else's business.
import { execFile } from "node:child_process";
import { mkdtemp, readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect } from "vitest";
import { nativeTest } from "./native.ts";

nativeTest("training keeps no record of itself in the user's home", async () => {
  const home = await mkdtemp(join(tmpdir(), "gmnm-home-"));
  const train = fileURLToPath(new URL("fixtures/train.ts", import.meta.url));
  // Without CI in the environment, where ONNX Runtime is silent by itself.
  const { stdout } = await promisify(execFile)(process.execPath, [train], {
    env: { HOME: home, PATH: process.env.PATH },
  });
  expect(JSON.parse(stdout).native).toMatchObject({ stopped: "completed" });
  expect(await readdir(home)).toEqual([]);
});
