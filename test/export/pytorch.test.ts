// Exported Python files, run by a Python with PyTorch: of Debian, the package python3-torch.
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { largestError, predictInDouble } from "../../src/export/compare.ts";
import { jsLayers } from "../../src/export/js-layers.ts";
import { toPytorch } from "../../src/export/pytorch.ts";
import { pytorchLayers } from "../../src/export/pytorch-layers.ts";
import { findPytorch, type PythonResult, runPython } from "../../src/export/run-python.ts";
import { save } from "../../src/io/file.ts";
import type { Model } from "../../src/model.ts";
import { batchNorm, dropout, gmnm, linear, sequential } from "../../src/nn/index.ts";
import { namedTensors } from "../../src/params.ts";
import { type AnyPreprocessing, decodeJsonRows, encodeJsonRows, type JsonRow } from "../../src/table/json-rows.ts";
import { novelty } from "../../src/train/novelty.ts";
import { predict } from "../../src/train/predict.ts";
import { relativeError } from "../gradients.ts";
import { hostileClasses, hostileTable } from "./hostile.ts";
import { exportCases } from "./layer-cases.ts";
import { nested } from "./modules.ts";
import {
  mixedInputs,
  mixedRows,
  number,
  numbers,
  plainSeries,
  plainTable,
  randomRows,
  started,
  tableOf,
} from "./samples.ts";
import { cellText } from "./texts.ts";

const run = promisify(execFile);
const python = await findPytorch();
if (!python)
  console.warn("exports to PyTorch are not tested: there is no python3 that imports torch (Debian's python3-torch)");

const folder = mkdtempSync(join(tmpdir(), "gmnm-pytorch-"));
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
/** Writes a program and its weights into a folder of their own. */
async function write(model: Model, preprocessing: AnyPreprocessing): Promise<string> {
  const own = join(folder, String(files++));
  mkdirSync(own);
  await save(model, join(own, "model.safetensors"));
  writeFileSync(join(own, "model.py"), toPytorch(model, preprocessing));
  return join(own, "model.py");
}

/** Runs a program that finds modules by path. */
async function runProgram(program: string, input: unknown): Promise<unknown> {
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

test("PyTorch has every layer that JavaScript has", () => {
  const helpers = ["perVector", "affine", "functions", "add", "movingAverage", "lstmSteps", "squaredDistances"];
  const layers = Object.keys(jsLayers).filter((name) => !helpers.includes(name));
  expect(layers.filter((type) => !(type in pytorchLayers))).toEqual([]);
});

describe.skipIf(!python)("with PyTorch", () => {
  describe("every layer says what it says here", () => {
    let said: { single: unknown[]; double: unknown[]; names: string[] }[];
    beforeAll(async () => {
      const paths = await Promise.all(exportCases.map(({ model }) => write(model, plainTable(1, 1))));
      // One process for all: to import torch takes seconds.
      const program = `
results = []
for path, x in json.load(sys.stdin):
    model = module_at(path).load()
    with torch.no_grad():
        single = model(torch.tensor(x)).flatten().tolist()
        double = model.double()(torch.tensor(x, dtype=torch.float64)).flatten().tolist()
    results.append({"single": single, "double": double, "names": list(model.state_dict())})
json.dump(results, sys.stdout)`;
      const inputs = exportCases.map(({ x }, i) => [paths[i], nested(x)]);
      said = (await runProgram(program, inputs)) as typeof said;
    }, 120_000);

    test.each(exportCases.map(({ name }, i) => [name, i] as const))("%s", async (_, i) => {
      const { model, x } = exportCases[i];
      expect(said[i].names.toSorted()).toEqual(
        namedTensors(model.params)
          .map(([name]) => name)
          .toSorted(),
      );
      expect(relativeError(said[i].double as number[], (await predictInDouble(model, x)).data)).toBeLessThan(1e-6);
      // Two evaluations in float32, each a few roundings of 6e-8 away from the truth.
      expect(relativeError(said[i].single as number[], (await predict(model, x)).data)).toBeLessThan(1e-5);
    });
  });

  describe("rows", () => {
    const given: [string, Model, AnyPreprocessing, JsonRow[]][] = [
      ["of every kind of column", started(gmnm(10, 2)), tableOf(mixedInputs, numbers("y", "z")), mixedRows],
      [
        "of a target on a logarithmic scale",
        started(linear(10, 1)),
        tableOf(mixedInputs, {
          kind: "numbers",
          columns: [{ name: "y", transform: "signedLog", center: 1, scale: 0.5 }],
        }),
        mixedRows,
      ],
      [
        "of a series",
        exportCases.find(({ name }) => name === "nlinear")!.model,
        plainSeries(8, 3, 2),
        randomRows(["c0", "c1"], 10),
      ],
      [
        "with hostile names",
        started(linear(hostileTable.inputs.length, 2)),
        hostileTable,
        randomRows(
          hostileTable.inputs.map(({ name }) => name),
          3,
        ),
      ],
      [
        "with hostile classes",
        started(linear(1, hostileClasses.target.kind === "classes" ? hostileClasses.target.classes.length : 0)),
        hostileClasses,
        randomRows(["x"], 3),
      ],
    ];
    let results: PythonResult[];
    beforeAll(async () => {
      const paths = await Promise.all(given.map(([, model, preprocessing]) => write(model, preprocessing)));
      results = await runPython(
        python!,
        given.map(([, , , rows], i) => [paths[i], rows]),
      );
    }, 60_000);

    test.each(given.map(([name], i) => [name, i] as const))("%s", async (_, i) => {
      const [, model, preprocessing, rows] = given[i];
      const x = encodeJsonRows(rows, preprocessing);
      const single = decodeJsonRows(await predict(model, x), preprocessing);
      const double = decodeJsonRows(await predictInDouble(model, x), preprocessing);
      expect(largestError(results[i].double, double, preprocessing)).toBeLessThan(1e-6);
      expect(largestError(results[i].single, single, preprocessing)).toBeLessThan(1e-5);
    });
  });

  test("cells mean what they mean here, whatever they hold", async () => {
    const date = { kind: "date", name: "d", center: 0, scale: 1, cycles: [7], fill: 1 } as const;
    const category = { kind: "category", name: "c", levels: ["none", "100000", "2024-02-01", "TRUE", "-0.5"] };
    const preprocessing = tableOf(
      [number("n", { flag: true }), { ...date, cycles: [7] }, category as never],
      numbers("y"),
    );
    const path = await write(started(linear(10, 1)), preprocessing);
    const cells = fc.sample(fc.tuple(fc.constantFrom("n", "d", "c"), cellText), { numRuns: 3000, seed: 4 });
    const rows = cells.map(([name, text]) => ({ n: 1, d: null, c: null, [name]: text }));
    const program = `
path, rows = json.load(sys.stdin)
module = module_at(path)
def features(row):
    try:
        return module.encode([row])[0].double().tolist()
    except ValueError as error:
        return None
json.dump([features(row) for row in rows], sys.stdout)`;
    const said = (await runProgram(program, [path, rows])) as (number[] | null)[];
    let refused = 0;
    for (const [i, row] of rows.entries()) {
      let here: number[] | null = null;
      try {
        here = [...encodeJsonRows([row], preprocessing).data];
      } catch {
        refused++;
      }
      // sin and cos of C and of JavaScript may differ in the last bit.
      expect([row, said[i]]).toEqual([row, here?.map((value) => expect.closeTo(value, 6)) ?? null]);
    }
    expect(refused).toBeGreaterThan(500);
    expect(refused).toBeLessThan(2500);
  });

  test("as a program, it reads a CSV file and writes predictions", async () => {
    const model = started(linear(10, 2));
    const preprocessing = tableOf(mixedInputs, { kind: "classes", name: "kind", classes: ["yes, please", "label"] });
    const path = await write(model, preprocessing);
    const csv = join(folder, "rows.csv");
    writeFileSync(csv, '\ufeffarea,"city",day,more\n120,Bonn,2024-02-29,1\n,Köln,,\n');
    const { stdout } = await run(python!, ["-B", path, csv]);
    const x = encodeJsonRows(
      [
        { area: 120, city: "Bonn", day: "2024-02-29" },
        { area: null, city: "Köln", day: null },
      ],
      preprocessing,
    );
    const expected = decodeJsonRows(await predict(model, x), preprocessing);
    const [header, ...lines] = stdout.trimEnd().split("\n");
    expect(header).toBe('label,"yes, please",label');
    expect(lines).toHaveLength(2);
    for (const [i, line] of lines.entries()) {
      const [, label, yes] = /^("yes, please"|label),([^,]+),/.exec(line)!;
      expect(label.replaceAll('"', "")).toBe(expected[i].label);
      const { probabilities } = expected[i] as { probabilities: Record<string, number> };
      expect(Number(yes)).toBeCloseTo(probabilities["yes, please"], 5);
    }
    writeFileSync(csv, "area,city\n1,Bonn\n");
    await expect(run(python!, ["-B", path, csv])).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('has no column "day"'),
    });
    writeFileSync(csv, "area,city,day\n1,Bonn,\nbig,Bonn,\n");
    await expect(run(python!, ["-B", path, csv])).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^[^\n]*row 2, column "area": expected a number, got 'big'\n$/),
    });
  });

  test("novelty, and training that goes on", async () => {
    const mixture = started(gmnm(3, 1, { numComponents: 5 }));
    const network = started(sequential(linear(3, 8), batchNorm(8), dropout(0.2), linear(8, 1)));
    const paths = [await write(mixture, plainTable(3, 1)), await write(network, plainTable(3, 1))];
    const rows = randomRows(["x0", "x1", "x2"], 6);
    const program = `
paths, rows = json.load(sys.stdin)
torch.manual_seed(1)
result = {"novelty": module_at(paths[0]).novelty(rows), "losses": [], "moved": []}
for path in paths:
    model = module_at(path).load().train()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    x = torch.randn(64, 3)
    y = 2 * x[:, :1] + 3
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    losses = []
    for _ in range(150):
        optimizer.zero_grad()
        loss = (model(x) - y).square().mean()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    result["losses"].append([losses[0], losses[-1]])
    result["moved"].append([name for name, value in model.state_dict().items() if not value.equal(before[name])])
json.dump(result, sys.stdout)`;
    const result = (await runProgram(program, [paths, rows])) as {
      novelty: number[];
      losses: [number, number][];
      moved: string[][];
    };
    const distances = novelty(mixture, encodeJsonRows(rows, plainTable(3, 1)));
    expect(relativeError(result.novelty, distances)).toBeLessThan(1e-5);
    for (const [first, last] of result.losses) expect(last).toBeLessThan(0.6 * first);
    // Everything learns, and batch normalisation's running statistics move.
    expect(result.moved.map((names) => names.length)).toEqual(
      [mixture, network].map(({ params }) => namedTensors(params).length),
    );
  }, 60_000);
});
