// Exported Python files, run by a Python with PyTorch: of Debian, the package python3-torch.
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { toPytorch } from "../../src/export/pytorch.ts";
import { findPytorch } from "../../src/export/run-python.ts";
import { save } from "../../src/io/file.ts";
import type { Model } from "../../src/model.ts";
import type { AnyPreprocessing } from "../../src/table/json-rows.ts";

export const run = promisify(execFile);
export const python = await findPytorch();
if (!python)
  console.warn("exports to PyTorch are not tested: there is no python3 that imports torch (Debian's python3-torch)");

const folders: string[] = [];
export const removeFolders = () => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
};

/** Writes a program and its weights into a folder of their own, for {@link removeFolders}. */
export async function write(model: Model, preprocessing: AnyPreprocessing): Promise<string> {
  const own = mkdtempSync(join(tmpdir(), "gmnm-pytorch-"));
  folders.push(own);
  await save(model, join(own, "model.safetensors"));
  writeFileSync(join(own, "model.py"), toPytorch(model, preprocessing));
  return join(own, "model.py");
}

/** Runs a program that finds modules by path. */
export async function runProgram(program: string, input: unknown): Promise<unknown> {
  const start = `
import importlib.util, json, sys, torch
torch.set_num_threads(1)
def module_at(path):
    spec = importlib.util.spec_from_file_location("model", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
`;
  const running = run(python!, ["-B", "-c", start + program], { maxBuffer: 2 ** 28 });
  running.child.stdin?.end(JSON.stringify(input));
  return JSON.parse((await running).stdout);
}
