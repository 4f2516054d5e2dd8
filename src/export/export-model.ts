import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { loadRuntime } from "../compile/session.ts";
import { GmnmError } from "../errors.ts";
import { save, writeAtomic } from "../io/index.ts";
import { toOnnx } from "../io/onnx-export.ts";
import type { Model } from "../model.ts";
import {
  type AnyPreprocessing,
  decodeJsonRows,
  encodeJsonRows,
  inputShape,
  type JsonRow,
  type Prediction,
} from "../table/json-rows.ts";
import type { ExactTensor } from "../tensor.ts";
import { predict } from "../train/predict.ts";
import { largestError, madeUpRows, predictInDouble } from "./compare.ts";
import { toJs } from "./js.ts";
import { fromJson, toJson } from "./json.ts";
import { toPytorch } from "./pytorch.ts";
import { findPytorch, runPython } from "./run-python.ts";

/** What a model can be exported to. */
export const exportFormats = ["onnx", "json", "pytorch", "js"] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** The file that a format is written to when no other is named. */
export const EXPORT_FILES: Readonly<Record<ExportFormat, string>> = {
  onnx: "model.onnx",
  json: "model.json",
  pytorch: "model.py",
  js: "model.js",
};

/** Options of {@link exportModel}. */
export type ExportOptions = {
  /** Rows, of a series its past, on which the export is compared with the model. Default rows made up around the training data's middle. */
  rows?: readonly JsonRow[];
};

/** What was written, and how it was checked. */
export type Exported = {
  /** Paths, the main file first. */
  files: string[];
  /** Rows that were compared; 0 where the format cannot be run here. */
  rows: number;
  /** Largest difference from `predict`, relative to value or target's spread (see {@link largestError}); undefined where nothing was compared. */
  error?: number;
  /** Why nothing was compared. */
  unverified?: string;
};

/** An export must come this close to the model, both computed in float64. */
const TOLERANCE = 1e-5;

/**
 * Writes a model with its preprocessing for use elsewhere, and compares what was written with the model before it gets its name: a JavaScript
 * module is imported and run, a Python file is run where there is a `python3` with torch, an ONNX graph where there is ONNX Runtime.
 *
 * @param path - the file to write; of "pytorch" the .py file, and a safetensors file of the same name is put beside it.
 *
 * @example
 * ```ts
 * const { files, error } = await exportModel(model, preprocessing, "js", "model.js", { rows });
 * ```
 * @throws GmnmError when the model has no form in the format, when a file cannot be written, and when the export says something else.
 */
export async function exportModel(
  model: Model,
  preprocessing: AnyPreprocessing,
  to: ExportFormat,
  path: string,
  { rows = madeUpRows(preprocessing) }: ExportOptions = {},
): Promise<Exported> {
  const { contents, files, run } = await formats[to](model, preprocessing, path);
  const outcome = await run(rows);
  if ("unverified" in outcome) {
    await writeAll(contents, model, files);
    return { files, rows: 0, unverified: outcome.unverified };
  }
  const x = encodeJsonRows(rows, preprocessing);
  const exact = await predictInDouble(model, x);
  const double = largestError(outcome.double, decodeJsonRows(exact, preprocessing), preprocessing);
  const single = decodeJsonRows(await predict(model, x), preprocessing);
  const error = largestError(outcome.single, single, preprocessing);
  // Where the export computes in float32 itself, the model's own rounding is granted to it.
  const rounding = outcome.rounds ? 10 * largestError(single, decodeJsonRows(exact, preprocessing), preprocessing) : 0;
  if (!(double <= TOLERANCE + rounding)) {
    throw new GmnmError(
      `the exported ${to} differs from the model by ${double.toPrecision(2)}, more than ${TOLERANCE}; nothing was written`,
    );
  }
  await writeAll(contents, model, files);
  return { files, rows: rows.length, error };
}

/** What an export says of rows: computed in float32 where it can, and in float64; `rounds` where float32 is all it has. */
type Outcome = { single: Prediction[]; double: Prediction[]; rounds?: boolean } | { unverified: string };

type Prepared = {
  contents: string | Uint8Array;
  files: string[];
  run: (rows: readonly JsonRow[]) => Promise<Outcome>;
};

async function writeAll(contents: string | Uint8Array, model: Model, [main, weights]: string[]): Promise<void> {
  if (weights) await save(model, weights);
  await writeAtomic(main, contents);
}

const formats: Record<ExportFormat, (model: Model, p: AnyPreprocessing, path: string) => Promise<Prepared>> = {
  async js(model, preprocessing, path) {
    const contents = toJs(model, preprocessing);
    const run = async (rows: readonly JsonRow[]) => {
      const module = await import(
        /* @vite-ignore */ `data:text/javascript;base64,${Buffer.from(contents).toString("base64")}`
      );
      const predictions: Prediction[] = module.predict(rows);
      return { single: predictions, double: predictions };
    };
    return { contents, files: [path], run };
  },

  async pytorch(model, preprocessing, path) {
    const name = `${basename(path).replace(/\.py$/, "")}.safetensors`;
    const contents = toPytorch(model, preprocessing, { weights: name });
    const run = async (rows: readonly JsonRow[]): Promise<Outcome> => {
      const python = await findPytorch();
      if (!python) return { unverified: "there is no python3 with torch here" };
      const folder = await mkdtemp(join(tmpdir(), "gmnm-export-"));
      try {
        const file = join(folder, "model.py");
        await writeAll(contents, model, [file, join(folder, name)]);
        const [{ single, double }] = await runPython(python, [[file, rows]]);
        return { single, double };
      } catch (cause) {
        const reason = String((cause as { stderr?: string }).stderr ?? cause).trim();
        throw new GmnmError(`the exported Python file fails: ${reason.split("\n").at(-1)}`, { cause });
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    };
    return { contents, files: [path, join(dirname(path), name)], run };
  },

  async json(model, preprocessing, path) {
    const contents = toJson(model, preprocessing);
    const run = async (rows: readonly JsonRow[]) => {
      const read = fromJson(contents, path);
      const x = encodeJsonRows(rows, read.preprocessing);
      const decode = (y: ExactTensor) => decodeJsonRows(y, read.preprocessing);
      return { single: decode(await predict(read.model, x)), double: decode(await predictInDouble(read.model, x)) };
    };
    return { contents, files: [path], run };
  },

  async onnx(model, preprocessing, path) {
    const example = { shape: [1, ...inputShape(preprocessing)] };
    const contents = await toOnnx(model, { example, metadata: { preprocessing: JSON.stringify(preprocessing) } });
    const run = async (rows: readonly JsonRow[]): Promise<Outcome> => {
      const ort = await loadRuntime();
      if (!ort) return { unverified: "the package onnxruntime-node is not installed" };
      const { data, shape } = encodeJsonRows(rows, preprocessing);
      const session = await ort.InferenceSession.create(contents, { intraOpNumThreads: 1, logSeverityLevel: 4 });
      const { y } = await session.run({ x: new ort.Tensor("float32", data, shape) });
      await session.release();
      const outputs = { data: y.data as Float32Array<ArrayBuffer>, shape: y.dims };
      const predictions = decodeJsonRows(outputs, preprocessing);
      return { single: predictions, double: predictions, rounds: true };
    };
    return { contents, files: [path], run };
  },
};
