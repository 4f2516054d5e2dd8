import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromJson, type ModelJson, shortest, toJson } from "../../src/export/json.ts";
import { gmnm } from "../../src/nn/gmnm.ts";
import { kan } from "../../src/nn/kan.ts";
import { sequential } from "../../src/nn/sequential.ts";
import { namedTensors } from "../../src/params.ts";
import { mixedInputs, numbers, plainSeries, plainTable, started, tableOf } from "./samples.ts";

const model = started(sequential(gmnm(10, 3, { numComponents: 4 }), kan(3, 2)));
const preprocessing = tableOf(mixedInputs, numbers("y", "z"));

test("a document reads back to the same bits", () => {
  const read = fromJson(toJson(model, preprocessing));
  expect(read.preprocessing).toEqual(preprocessing);
  expect(read.model.layer.config).toEqual(model.layer.config);
  expect(namedTensors(read.model.params)).toEqual(namedTensors(model.params));
  const series = { ...plainSeries(8, 3, 2), time: "day", season: 7 };
  expect(fromJson(toJson(model, series)).preprocessing).toEqual(series);
});

test("any float32 reads back, in at most nine digits", () => {
  fc.assert(
    fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
      const text = shortest(value);
      expect(Object.is(Math.fround(JSON.parse(text)), value)).toBe(true);
      expect(Number(Number(text).toPrecision(9)) === Number(text)).toBe(true);
    }),
  );
});

describe("refused, in one sentence that names the source", () => {
  const changed = (change: (document: ModelJson & Record<string, unknown>) => void) => {
    const document = JSON.parse(toJson(model, preprocessing));
    change(document);
    return JSON.stringify(document);
  };
  const refused: [string, string, RegExp][] = [
    ["what is no JSON", "{", /^gmnm: model.json is not JSON: /],
    ["other JSON", "[]", /^gmnm: model.json: JSON, but not a gmnm model$/],
    ["null", "null", /not a gmnm model$/],
    [
      "a later version",
      changed((d) => Object.assign(d, { version: 2 })),
      /version 2, but this library reads version 1$/,
    ],
    ["a layer that is not there", changed((d) => Object.assign(d.config, { type: "magic" })), /got "magic"$/],
    ["a tensor that is missing", changed((d) => delete d.tensors["0.weights"]), /tensor "0.weights" .* is missing$/],
    [
      "a tensor too many",
      changed((d) => Object.assign(d.tensors, { more: { shape: [1], data: [1] } })),
      /"more" does not/,
    ],
    [
      "numbers that do not fill a shape",
      changed((d) => d.tensors["0.weights"].data.pop()),
      /"0.weights" must have a shape/,
    ],
    ["a huge shape", changed((d) => Object.assign(d.tensors["0.weights"], { shape: [1e9, 1e9] })), /must have a shape/],
    ["text for a number", changed((d) => d.tensors["0.weights"].data.splice(0, 1, "1" as never)), /must have a shape/],
    ["no tensors", changed((d) => Object.assign(d, { tensors: 3 })), /is missing$/],
    [
      "no preprocessing",
      changed((d) => delete (d as Partial<ModelJson>).preprocessing),
      /model.json: its content is missing$/,
    ],
    [
      "a scale of 0",
      changed((d) => Object.assign((d.preprocessing as typeof preprocessing).inputs[0], { scale: 0 })),
      /: inputs.0.scale must be a number above 0, got 0$/,
    ],
  ];
  test.each(refused)("%s", (_, text, sentence) => {
    expect(() => fromJson(text, "model.json")).toThrow(sentence);
    expect(() => fromJson(text, "model.json")).toThrow(/^gmnm: model.json[^\n]*$/);
  });

  test("documents broken at random", () => {
    const whole = toJson(started(gmnm(1, 1, { numComponents: 1 })), plainTable(1, 1));
    const broken = fc.tuple(fc.nat(whole.length), fc.nat(40), fc.string()).map(([at, length, text]) => {
      return whole.slice(0, at) + text + whole.slice(at + length);
    });
    fc.assert(
      fc.property(fc.oneof(broken, fc.json()), (text) => {
        try {
          fromJson(text, "x");
        } catch (error) {
          expect((error as Error).message).toMatch(/^gmnm: x/);
        }
      }),
      { numRuns: 500 },
    );
  });
});
