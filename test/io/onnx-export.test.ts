import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { fromBinary } from "@bufbuild/protobuf";
import { numpy as np } from "@jax-js/jax";
import { ModelProtoSchema } from "onnx-buf";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadRuntime } from "../../src/compile/session.ts";
import { exportOnnx } from "../../src/io/file.ts";
import { toOnnx } from "../../src/io/onnx-export.ts";
import type { Model } from "../../src/model.ts";
import { mlp } from "../../src/models/mlp.ts";
import { activation } from "../../src/nn/elementwise.ts";
import { gmnm } from "../../src/nn/gmnm.ts";
import type { AnyLayer } from "../../src/nn/layer.ts";
import { linear } from "../../src/nn/linear.ts";
import { lstm } from "../../src/nn/lstm.ts";
import { fromConfig } from "../../src/nn/registry.ts";
import { sequential } from "../../src/nn/sequential.ts";
import { disposeParams, fillParams, namedTensors, readParams } from "../../src/params.ts";
import { Random } from "../../src/random.ts";
import { type Tensor, takeRows, tensor } from "../../src/tensor.ts";
import { predict } from "../../src/train/predict.ts";
import { layerCases } from "../contract/cases.ts";
import { liveBuffers } from "../live-buffers.ts";
import { type OnnxRuntime, runOnnx, startWeb } from "../run-onnx.ts";

const web = await startWeb();
const native = await loadRuntime();
const runtimes: [name: string, ort: OnnxRuntime][] = [["onnxruntime-web", web]];
// The two packages declare one interface each, alike in what runOnnx uses.
if (native) runtimes.push(["onnxruntime-node", native as unknown as OnnxRuntime]);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "gmnm-onnx-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function started(layer: AnyLayer): Model {
  const params = layer.init(new Random(1));
  const model = { layer, params: readParams(params) };
  disposeParams(params);
  return model;
}

const largest = ({ data }: Tensor): number => Math.max(...data.map(Math.abs));

const difference = ({ data }: Tensor, expected: Tensor): number =>
  Math.max(...data.map((value, i) => Math.abs(value - expected.data[i])));

const read = (bytes: Uint8Array) => fromBinary(ModelProtoSchema, bytes);
type OnnxModel = ReturnType<typeof read>;

const metadataOf = ({ metadataProps }: OnnxModel) =>
  Object.fromEntries(metadataProps.map(({ key, value }) => [key, value]));

const storedIn = ({ graph }: OnnxModel): Map<string, Tensor> =>
  new Map(
    graph!.initializer.map(({ name, dims, rawData }) => {
      const data = new Float32Array(rawData.slice().buffer, 0, rawData.length >> 2);
      return [name, { data, shape: dims.map(Number) }];
    }),
  );

const dimsOf = ([port]: NonNullable<OnnxModel["graph"]>["input"]) => {
  const { value } = port.type!.value as { value: { shape: { dim: { value: { value?: unknown } }[] } } };
  return [port.name, ...value.shape.dim.map((dim) => dim.value.value)];
};

const cases = layerCases.map(({ name, layer, ...given }) => {
  const [from, to] = "features" in given ? given.features.map((length) => [length]) : [given.from, given.to];
  const model = started(layer);
  const x = new Random(3).normal([64, ...from]);
  let bytes: ReturnType<typeof toOnnx> | undefined;
  const exported = () => {
    bytes ??= toOnnx(model, { example: x });
    return bytes;
  };
  return { name, model, to, x, exported };
});

describe.each(cases)("$name", ({ model, to, x, exported }) => {
  test("predicts the same in other runtimes, at any batch size", async () => {
    const y = await predict(model, x, { executor: "wasm" });
    const allowed = 1e-5 * largest(y);
    const batches = [1, 3, 64].map((size) => Array.from({ length: size }, (_, i) => i));
    const inputs = batches.map((rows) => takeRows(x, rows));
    for (const [name, ort] of runtimes) {
      const found = await runOnnx(ort, await exported(), inputs);
      for (const [i, rows] of batches.entries()) {
        expect(found[i].shape, name).toEqual([rows.length, ...to]);
        expect(difference(found[i], takeRows(y, rows)), `${name}, ${rows.length} rows`).toBeLessThan(allowed);
      }
    }
  });

  test("is rebuilt from the file", async () => {
    const file = read(await exported());
    expect(fromConfig(JSON.parse(metadataOf(file).config)).config).toEqual(model.layer.config);
    const stored = storedIn(file);
    const named = new Map(namedTensors(model.params).map(([path]) => [path, stored.get(path)!]));
    expect(fillParams(model.params, named)).toEqual(model.params);
  });
});

test("onnxruntime-node took part", ({ skip }) => {
  skip(!native, "onnxruntime-node is not installed here");
});

test("ONNX's own checker accepts every file", async ({ skip }) => {
  const run = promisify(execFile);
  const python = "/usr/bin/python3";
  const present = await run(python, ["-c", "import onnx"]).then(
    () => true,
    () => false,
  );
  skip(!present, `the module onnx of ${python} is not installed here`);
  for (const [i, { exported }] of cases.entries()) writeFileSync(join(folder, `${i}.onnx`), await exported());
  const program = `import glob, onnx, sys
files = glob.glob(sys.argv[1] + "/*.onnx")
for file in files: onnx.checker.check_model(onnx.load(file), full_check=True)
print(len(files))`;
  const { stdout } = await run(python, ["-c", program, folder]);
  expect(Number(stdout)).toBe(cases.length);
});

describe("an exported model", () => {
  const model = started(mlp([2, 8, 8, 3], { nonlinearity: "silu" }));

  test("names its ends, its parameters and its maker", async () => {
    const file = read(await toOnnx(model));
    const { version } = JSON.parse(readFileSync(join(import.meta.dirname, "../../package.json"), "utf8"));
    expect(file).toMatchObject({ irVersion: 8n, producerName: "gmnm", producerVersion: version });
    expect(file.opsetImport).toMatchObject([{ domain: "", version: 17n }]);
    expect(dimsOf(file.graph!.input)).toEqual(["x", "batch", 2n]);
    expect(dimsOf(file.graph!.output)).toEqual(["y", "batch", 3n]);
    expect([...storedIn(file).keys()]).toEqual(expect.arrayContaining(["0.weights", "0.bias", "4.weights"]));
    expect(metadataOf(file)).toMatchObject({ format: "gmnm", version: "1" });
  });

  test("is the same file each time, and leaves no buffer behind", async () => {
    const first = await toOnnx(model);
    const before = liveBuffers();
    expect(await toOnnx(model)).toEqual(first);
    expect(liveBuffers()).toBe(before);
  });

  test("is written in one piece", async () => {
    const path = join(folder, "model.onnx");
    writeFileSync(path, "old");
    await exportOnnx(model, path);
    expect(new Uint8Array(readFileSync(path))).toEqual(await toOnnx(model));
    await expect(exportOnnx(model, join(folder, "missing", "model.onnx"))).rejects.toThrow("gmnm: cannot write ");
    const missing = join(folder, "refused.onnx");
    await expect(exportOnnx(started(lstm(2, 3)), missing)).rejects.toThrow("gmnm: cannot export lstm");
    expect(existsSync(missing)).toBe(false);
    expect(readdirSync(folder).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  test("takes rows of any shape, which an example shows", async () => {
    const bytes = await toOnnx(model, { example: { shape: [1, 5, 2] } });
    const x = new Random(4).normal([3, 5, 2]);
    const [y] = await runOnnx(web, bytes, [x]);
    const expected = await predict(model, x, { executor: "wasm" });
    expect(difference(y, expected)).toBeLessThan(1e-5 * largest(expected));
  });
});

describe("one sentence for", () => {
  const custom = (apply: AnyLayer["apply"], params: Model["params"] = {}): Model => ({
    layer: { config: { type: "mine", inFeatures: 2 }, init: () => ({}), apply },
    params,
  });
  const refused: [string, Model, object, string][] = [
    [
      "rows of unknown shape",
      started(activation("tanh")),
      {},
      "cannot export activation: what a row of x looks like does not follow from it, so give an example",
    ],
    [
      "an example that is missing",
      started(lstm(2, 3)),
      {},
      "cannot export lstm for x of shape (batch, 2): lstm expected x of shape (batch, time, 2), got (10007, 2); give an example",
    ],
    [
      "an example that does not fit",
      started(sequential(linear(3, 2), gmnm(2, 1))),
      { example: { shape: [1, 4] } },
      "cannot export sequential for x of shape (batch, 4): linear expected x of shape (batch, 3), got (10007, 4)",
    ],
    ["an example without a batch", started(linear(3, 2)), { example: { shape: [] } }, "example must have a shape"],
    [
      "a mean over the batch",
      custom((_, x) => x.ref.sub(x.mean(0))),
      {},
      "cannot export mine for x of shape (batch, 2): this function cannot be compiled for every batch size: it computes with numbers",
    ],
    ["a result without rows", custom((_, x) => x.sum(0)), {}, "it gives (2) for 10007 rows, not one row for each"],
    [
      "a primitive without a form in ONNX",
      custom((_, x) => np.sort(x)),
      {},
      "cannot export mine for x of shape (batch, 2): the primitive sort has no form in ONNX",
    ],
    [
      "a parameter that is not finite",
      { ...started(linear(1, 1)), params: { weights: tensor([Number.NaN], [1, 1]), bias: tensor([0], [1]) } },
      {},
      'tensor "weights" has NaN at position 0',
    ],
    [
      "a parameter with a name the graph needs",
      custom((p, x) => x.mul(p.y), { y: tensor([1], []) }),
      {},
      'cannot export a parameter named "y"',
    ],
  ];

  test.each(refused)("%s", async (_, model, options, sentence) => {
    const before = liveBuffers();
    await expect(toOnnx(model, options)).rejects.toThrow(/^gmnm: (?!gmnm:)/);
    await expect(toOnnx(model, options)).rejects.toThrow(sentence);
    expect(liveBuffers()).toBe(before);
  });
});
