// Runs exported Python files, where there is a Python with PyTorch.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { JsonRow, Prediction } from "../table/json-rows.ts";

const run = promisify(execFile);

let found: Promise<string | undefined> | undefined;

/** A Python that can import torch and numpy: the first of `python3` on the path and the system's; undefined where there is none. */
export function findPytorch(): Promise<string | undefined> {
  found ??= (async () => {
    for (const python of ["python3", "/usr/bin/python3"]) {
      const works = await run(python, ["-c", "import numpy, torch"], { timeout: 120_000 }).then(
        () => true,
        () => false,
      );
      if (works) return python;
    }
    return undefined;
  })();
  return found;
}

// Each file by itself, in float32 and in float64; one process for all, because importing torch takes seconds.
const DRIVER = `
import importlib.util, json, sys
torch = __import__("torch")
torch.set_num_threads(1)
results = []
for path, rows in json.load(sys.stdin):
    spec = importlib.util.spec_from_file_location("model", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    single = module.predict(rows)
    double = module.load().double()
    results.append({"single": single, "double": double.predict(rows), "names": sorted(double.state_dict())})
json.dump(results, sys.stdout)
`;

/** What an exported file says of rows, in float32 and in float64, and the names of its state_dict. */
export type PythonResult = { single: Prediction[]; double: Prediction[]; names: string[] };

/** Runs exported files, each with rows for it. @throws what Python printed when one fails. */
export async function runPython(
  python: string,
  files: readonly (readonly [path: string, rows: readonly JsonRow[]])[],
): Promise<PythonResult[]> {
  // -B: no __pycache__ beside the file.
  const running = run(python, ["-B", "-c", DRIVER], { timeout: 300_000, maxBuffer: 2 ** 30 });
  running.child.stdin?.end(JSON.stringify(files));
  const { stdout } = await running;
  return JSON.parse(stdout) as PythonResult[];
}
