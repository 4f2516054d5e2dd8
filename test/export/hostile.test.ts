// Names of columns and classes come from files. Whatever they hold, an exported module predicts, and nothing of them runs.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { predictInDouble } from "../../src/export/compare.ts";
import { toJs } from "../../src/export/js.ts";
import { fromJson, toJson } from "../../src/export/json.ts";
import { toPytorch } from "../../src/export/pytorch.ts";
import { linear } from "../../src/nn/linear.ts";
import { decodeJsonRows, encodeJsonRows } from "../../src/table/json-rows.ts";
import type { Preprocessing } from "../../src/table/preprocessing.ts";
import { hostileClasses, hostileNames, hostileTable } from "./hostile.ts";
import { importSource } from "./modules.ts";
import { number, numbers, randomRows, started, tableOf } from "./samples.ts";

/** Exports, runs, and compares key by key: names must come back as they are. */
async function expectHarmless(preprocessing: Preprocessing): Promise<void> {
  const outputs =
    preprocessing.target.kind === "classes" ? preprocessing.target.classes.length : preprocessing.target.columns.length;
  const model = started(linear(preprocessing.inputs.length, outputs));
  const source = toJs(model, preprocessing);
  expect(source).not.toMatch(/<\/?script|<!--|\p{Cf}|[\u2028\u2029]|(?!\n)\p{Cc}/u);
  const exported = await importSource(source);
  const rows = randomRows(
    preprocessing.inputs.map(({ name }) => name),
    2,
  );
  const x = encodeJsonRows(rows, preprocessing);
  const expected = decodeJsonRows(await predictInDouble(model, x), preprocessing);
  const said = exported.predict(rows);
  for (const [i, prediction] of expected.entries()) {
    const ofProbabilities = preprocessing.target.kind === "classes";
    const [a, e] = [said[i], prediction].map((p) => (ofProbabilities ? p.probabilities : p) as Record<string, number>);
    expect(Object.keys(a)).toEqual(Object.keys(e));
    for (const key of Object.keys(e)) expect(a[key]).toBeCloseTo(e[key], 8);
    if (ofProbabilities) expect(said[i].label).toBe(prediction.label);
  }
  expect(Object.hasOwn(globalThis, "broken")).toBe(false);
  // As everywhere in this library, a table's columns are not called __proto__.
  const names = [
    ...preprocessing.inputs,
    ...("columns" in preprocessing.target ? preprocessing.target.columns : [preprocessing.target]),
  ];
  if (names.some(({ name }) => name === "__proto__")) return;
  expect(fromJson(toJson(model, preprocessing)).preprocessing).toEqual(preprocessing);
}

test("columns of hostile names", () => expectHarmless(hostileTable));
test("classes of hostile names", () => expectHarmless(hostileClasses));

test("names of any characters", async () => {
  const name = fc.oneof(
    fc.string({ unit: "binary" }),
    fc
      .array(fc.constantFrom(...hostileNames, "*", "/", "`", "$", "{", "\\", "\n"), { maxLength: 5 })
      .map((parts) => parts.join("")),
  );
  const names = fc.uniqueArray(name, { minLength: 3, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(names, ([target, ...columns]) =>
      expectHarmless(
        tableOf(
          columns.map((column) => number(column)),
          numbers(target),
        ),
      ),
    ),
    // Invisible characters there are in the upper planes, too.
    { numRuns: 100, examples: [[["\u{e0020}", "", '"']]] },
  );
});

describe("a Python literal", () => {
  test("keeps every name on its line and within its quotes", () => {
    for (const preprocessing of [hostileTable, hostileClasses]) {
      const outputs = preprocessing.target.kind === "classes" ? preprocessing.target.classes.length : 2;
      const source = toPytorch(started(linear(preprocessing.inputs.length, outputs)), preprocessing, {
        weights: 'a\n"""import os',
      });
      // Without what stands in quotes, nothing of the names is left.
      const bare = source.replace(/"(?:[^"\\\n]|\\.)*"/g, "");
      expect(bare).not.toMatch(/broken|import os\b(?!\n)|größe/);
      expect(source.split("\n").every((line) => !line.includes("\r"))).toBe(true);
    }
  });
});
