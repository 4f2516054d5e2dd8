import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema } from "onnx-buf";
import { afterAll, describe, expect, test } from "vitest";
import { largestError, madeUpRows } from "../../src/export/compare.ts";
import { EXPORT_FILES, exportFormats, exportModel } from "../../src/export/index.ts";
import { findPytorch } from "../../src/export/run-python.ts";
import { nlinear } from "../../src/models/nlinear.ts";
import { conv2d } from "../../src/nn/conv2d.ts";
import { gmnm } from "../../src/nn/gmnm.ts";
import type { AnyLayer } from "../../src/nn/layer.ts";
import { linear } from "../../src/nn/linear.ts";
import { encodeJsonRows } from "../../src/table/json-rows.ts";
import { mixedInputs, mixedRows, numbers, plainSeries, plainTable, started, tableOf } from "./samples.ts";

const folder = mkdtempSync(join(tmpdir(), "gmnm-export-"));
afterAll(() => rmSync(folder, { recursive: true }));

const hasPytorch = (await findPytorch()) !== undefined;
const table = tableOf(mixedInputs, numbers("y", "z"));
const classes = tableOf(mixedInputs, { kind: "classes", name: "kind", classes: ["a", "b"] });
const cases = exportFormats.flatMap((to) => [
  { to, what: "numbers", model: started(gmnm(10, 2)), preprocessing: table, rows: mixedRows },
  { to, what: "classes", model: started(gmnm(10, 2)), preprocessing: classes, rows: undefined },
  { to, what: "a series", model: started(nlinear(8, 3)), preprocessing: plainSeries(8, 3, 2), rows: undefined },
]);

test.each(cases)(
  "$to of $what is compared with the model, then written",
  async ({ to, what, model, preprocessing, rows }) => {
    const path = join(folder, `${what}-${EXPORT_FILES[to]}`);
    const { files, rows: compared, error, unverified } = await exportModel(model, preprocessing, to, path, { rows });
    expect(files[0]).toBe(path);
    expect(files).toHaveLength(to === "pytorch" ? 2 : 1);
    for (const file of files) expect(existsSync(file)).toBe(true);
    if (to === "pytorch" && !hasPytorch) {
      expect(unverified).toBe("there is no python3 with torch here");
      return;
    }
    expect(compared).toBe(rows?.length ?? (what === "a series" ? 8 : 16));
    expect(error).toBeLessThan(1e-5);
  },
  120_000,
);

test("an ONNX file says itself how its inputs are made", async () => {
  const path = join(folder, "own.onnx");
  await exportModel(started(gmnm(10, 2)), table, "onnx", path);
  const { metadataProps } = fromBinary(ModelProtoSchema, readFileSync(path));
  const metadata = Object.fromEntries(metadataProps.map(({ key, value }) => [key, value]));
  expect(JSON.parse(metadata.preprocessing)).toEqual(table);
  expect(JSON.parse(metadata.config).type).toBe("gmnm");
});

describe("nothing is written", () => {
  test("of a layer that has no form", async () => {
    const path = join(folder, "conv.js");
    await expect(exportModel(started(conv2d(1, 1)), plainTable(1, 1), "js", path)).rejects.toThrow(
      "gmnm: cannot export a layer of type conv2d to js; to onnx every layer can be exported",
    );
    expect(existsSync(path)).toBe(false);
  });

  test.each(["js", "pytorch"] as const)(
    "when what was exported as %s says something else",
    async (to) => {
      const path = join(folder, `wrong-${EXPORT_FILES[to]}`);
      // A layer that is not what its description says.
      const honest = linear(2, 1);
      const layer: AnyLayer = { ...honest, apply: (params, x) => honest.apply(params, x).mul(1.001) };
      const exporting = exportModel({ ...started(honest), layer }, plainTable(2, 1), to, path);
      if (to === "pytorch" && !hasPytorch) return void (await exporting);
      await expect(exporting).rejects.toThrow(
        /^gmnm: the exported \w+ differs from the model by 0.0\d+, more than 0.00001; nothing was written$/,
      );
      expect(readdirSync(folder).filter((name) => name.startsWith("wrong"))).toEqual([]);
    },
    60_000,
  );
});

test("differences count relative to the value, or to the spread of its target", () => {
  const preprocessing = plainTable(1, 1); // scale 5
  expect(largestError([{ y0: 1001 }], [{ y0: 1000 }], preprocessing)).toBeCloseTo(1e-3);
  expect(largestError([{ y0: 0.001 }], [{ y0: 0 }], preprocessing)).toBeCloseTo(2e-4);
  expect(largestError([{ y0: NaN }], [{ y0: 0 }], preprocessing)).toBe(Infinity);
  expect(largestError([], [{ y0: 0 }], preprocessing)).toBe(Infinity);
  const [a, b] = [0.3, 0.30001].map((p) => ({ label: "a", probabilities: { a: p, b: 1 - p } }));
  expect(largestError([a], [b], classes)).toBeCloseTo(1e-5);
});

test("rows are made up that any preprocessing takes", () => {
  for (const preprocessing of [table, classes, plainSeries(8, 3, 2)]) {
    const x = encodeJsonRows(madeUpRows(preprocessing), preprocessing);
    expect(x.data.every(Number.isFinite)).toBe(true);
    expect(new Set(x.data).size).toBeGreaterThan(10);
  }
});
