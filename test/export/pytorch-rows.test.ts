// Rows as an exported Python file takes them: columns, cells, CSV files.
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { largestError, predictInDouble } from "../../src/export/compare.ts";
import { type PythonResult, runPython } from "../../src/export/run-python.ts";
import type { Model } from "../../src/model.ts";
import { gmnm, linear } from "../../src/nn/index.ts";
import { type AnyPreprocessing, decodeJsonRows, encodeJsonRows, type JsonRow } from "../../src/table/json-rows.ts";
import { predict } from "../../src/train/predict.ts";
import { hostileClasses, hostileTable } from "./hostile.ts";
import { exportCases } from "./layer-cases.ts";
import { python, removeFolders, run, runProgram, write } from "./python.ts";
import { mixedInputs, mixedRows, number, numbers, plainSeries, randomRows, started, tableOf } from "./samples.ts";
import { cellText } from "./texts.ts";

afterAll(removeFolders);

describe.skipIf(!python)("with PyTorch", () => {
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
    const csv = join(dirname(path), "rows.csv");
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
});
