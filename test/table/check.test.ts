import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { GmnmError } from "../../src/errors.ts";
import { checkPreprocessing } from "../../src/table/check.ts";
import { featureNames } from "../../src/table/encode.ts";
import type { Preprocessing } from "../../src/table/preprocessing.ts";

const good: Preprocessing = {
  format: "gmnm preprocessing",
  version: 1,
  inputs: [
    { kind: "number", name: "age", transform: "signedLog", center: 40, scale: 10, fill: 50, flag: true },
    { kind: "category", name: "city", levels: ["Bonn", "Graz"] },
    { kind: "date", name: "since", center: 1, scale: 2, cycles: [365.2425, 7], fill: 3 },
  ],
  target: { kind: "numbers", columns: [{ name: "y", transform: "identity", center: 0, scale: 1 }] },
  ignored: [{ name: "id", reason: "it counts the rows" }],
};
const text = JSON.stringify(good);
const classes = { kind: "classes", name: "y", classes: ["a", "b"] } as const;

test("what was written is read back", () => {
  expect(checkPreprocessing(JSON.parse(text))).toEqual(good);
  expect(checkPreprocessing({ ...good, target: classes }).target).toEqual(classes);
});

test("the example of docs/tables.md is one", () => {
  const docs = readFileSync(join(import.meta.dirname, "../../docs/tables.md"), "utf8");
  const json = JSON.parse(/```json\n([^`]*)```/.exec(docs)![1]);
  const preprocessing = checkPreprocessing(json);
  expect(preprocessing).toEqual(json);
  expect(featureNames(preprocessing)).toHaveLength(9);
});

describe("refused in a sentence:", () => {
  const withInput = (change: object, at = 0) => ({
    ...good,
    inputs: good.inputs.map((input, i) => (i === at ? { ...input, ...change } : input)),
  });
  const levels = Array.from({ length: 1001 }, (_, i) => `w${i}`);
  test.each<[unknown, string]>([
    [null, "p.json: its content must be Object, got null"],
    [[], "p.json: format is missing"],
    [
      { ...good, format: "gmnm series preprocessing" },
      'p.json: format must be "gmnm preprocessing", got "gmnm series preprocessing"',
    ],
    [{ ...good, version: 2 }, "p.json: version must be 1, which is what this library reads, got 2"],
    [{ ...good, inputs: [] }, "p.json: inputs must be a list of 1 to 16384 inputs, got Array"],
    [{ ...good, inputs: { length: 1 } }, "p.json: inputs must be a list of inputs, got Object"],
    [{ ...good, extra: 1 }, 'p.json: there is no "extra"; there are format, version, inputs, target, ignored'],
    [
      { ...good, inputs: [good.inputs[0], good.inputs[0]] },
      "p.json: inputs must be a list of different inputs, got Array",
    ],
    [withInput({ kind: "text" }), 'p.json: inputs.0.kind must be "number", "category" or "date", got "text"'],
    [withInput({ scale: 0 }), "p.json: inputs.0.scale must be a number above 0, got 0"],
    [withInput({ scale: "NaN" }), 'p.json: inputs.0.scale must be a number above 0, got "NaN"'],
    [withInput({ center: null }), "p.json: inputs.0.center must be a number, got null"],
    [withInput({ transform: "log" }), 'p.json: inputs.0.transform must be "identity" or "signedLog", got "log"'],
    [withInput({ flag: 1 }), "p.json: inputs.0.flag must be true or false, got 1"],
    [withInput({ name: "__proto__" }), 'p.json: inputs.0.name must be a name other than "__proto__", got "__proto__"'],
    [withInput({ name: "y" }), 'p.json: column "y" is an input and the target'],
    [withInput({ more: 1 }), 'p.json: there is no "inputs.0.more"'],
    [withInput({ levels: [] }, 1), "p.json: inputs.1.levels must be a list of 1 to 1000 levels, got Array"],
    [withInput({ levels }, 1), "p.json: inputs.1.levels must be a list of 1 to 1000 levels, got Array"],
    [withInput({ levels: ["a", "a"] }, 1), "p.json: inputs.1.levels must be a list of different levels, got Array"],
    [withInput({ levels: [1] }, 1), "p.json: inputs.1.levels.0 must be a text, got 1"],
    [
      withInput({ levels: ["x".repeat(10 ** 5)] }, 1),
      "p.json: inputs.1.levels.0 must be a text of at most 65536 characters, got 100000",
    ],
    [withInput({ cycles: [0] }, 2), "p.json: inputs.2.cycles.0 must be a number above 0, got 0"],
    [
      { ...good, target: { ...classes, classes: ["a"] } },
      "p.json: target.classes must be a list of 2 to 1000 classes, got Array",
    ],
    [
      { ...good, target: { kind: "numbers", columns: [] } },
      "p.json: target.columns must be a list of 1 to 16384 columns, got Array",
    ],
    [JSON.parse(text.replace('"version"', '"__proto__":{"version":1},"v"')), "p.json"],
  ])("%#", (json, sentence) => {
    expect(() => checkPreprocessing(json, "p.json")).toThrow(`gmnm: ${sentence}`);
  });
});

test("any JSON, and the right JSON with anything in any place, is read or refused", () => {
  let tried = 0;
  const attempt = (json: unknown) => {
    tried++;
    try {
      expect(JSON.parse(JSON.stringify(checkPreprocessing(json)))).toEqual(JSON.parse(JSON.stringify(json)));
    } catch (error) {
      expect(error).toBeInstanceOf(GmnmError);
      expect((error as Error).message.length).toBeLessThan(400);
    }
  };
  const anything = fc.jsonValue();
  fc.assert(fc.property(anything, attempt), { numRuns: 500 });
  const paths = [...new Set(pathsIn(good))];
  fc.assert(
    fc.property(
      fc.constantFrom(...paths),
      fc.oneof(anything, fc.constantFrom("__proto__", Number.POSITIVE_INFINITY, {}, [[]])),
      (path, value) => {
        const json = JSON.parse(text);
        const last = path.at(-1)!;
        const parent = path.slice(0, -1).reduce((node, key) => node[key], json);
        parent[last] = value;
        attempt(json);
      },
    ),
    { numRuns: 1500 },
  );
  expect(tried).toBe(2000);
  expect(({} as { version?: number }).version).toBeUndefined();
});

/** The keys that lead to each value of a JSON. */
function pathsIn(json: unknown, path: string[] = []): string[][] {
  if (typeof json !== "object" || json === null) return [path];
  const inner = Object.entries(json).flatMap(([key, value]) => pathsIn(value, [...path, key]));
  return path.length > 0 ? [path, ...inner] : inner;
}
