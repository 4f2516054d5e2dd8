import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readCsv, readPreprocessing, summarize } from "../../playground/src/csv/read-csv.ts";
import { type Choice, MAX_BYTES, TableError } from "../../playground/src/csv/table.ts";
import { startOf } from "../../playground/src/state/state.ts";
import { NODES, node } from "../../playground/src/tasks/problem.ts";
import { tableProblem } from "../../playground/src/tasks/table.ts";
import { axisText } from "../../playground/src/views/numbers.ts";
import { GmnmError } from "../../src/errors.ts";
import { Random } from "../../src/random.ts";
import { encodeInputs, encodeTarget } from "../../src/table/encode.ts";
import { fitPreprocessing } from "../../src/table/fit.ts";

/** Errors whose message the page shows. */
const isSentence = (error: unknown) =>
  (error instanceof TableError || error instanceof GmnmError) && !error.message.includes("\n");
const bytes = (text: string) => new TextEncoder().encode(text);
const read = (text: string) => readCsv("my.csv", bytes(text));
const refusalOf = (work: () => unknown): Error => {
  try {
    work();
  } catch (error) {
    return error as Error;
  }
  throw new Error("not refused");
};
const rows = (n: number, row: (i: number) => string) => Array.from({ length: n }, (_, i) => row(i)).join("\n");
const state = startOf("table");

describe("a CSV file", () => {
  const tableOf = (text: string, choice?: Partial<Choice>) => {
    const table = read(text);
    return tableProblem(state, table, { ...summarize(table).choice, ...choice });
  };

  test("is learnt as gmnm fit learns it: standardised, holes filled and flagged, words one by one", () => {
    const text = `a;b;kind\n${rows(20, (i) => `${i};${i === 3 ? "NA" : -i / 2};${i % 2 ? "yes" : "no"}`)}\n`;
    const table = read(text);
    const { summary, choice } = summarize(table);
    expect(summary).toEqual({ name: "my.csv", rows: 20, columns: ["a", "b", "kind"] });
    expect(choice).toEqual({ target: "kind", features: ["b"] }); // a counts the rows
    const counter = summarize(read(`a,b\n${rows(30, (i) => `${i},${2 * i}`)}`));
    expect(counter.choice).toEqual({ target: "b", features: ["a"] }); // where there are no others
    const { loss, data, test, outFeatures } = tableProblem(state, table, choice);
    expect([loss, outFeatures]).toEqual(["crossEntropy", 2]);
    const order = [...new Random(state.seed).permutation(20)];
    const { preprocessing } = fitPreprocessing(table, {
      target: ["kind"],
      features: ["b"],
      rows: Uint32Array.from(order.slice(4)),
    });
    expect(data.x).toEqual(encodeInputs(table, preprocessing, Uint32Array.from(order.slice(4))));
    expect(test.y).toEqual(encodeTarget(table, preprocessing, Uint32Array.from(order.slice(0, 4))));
  });

  test("without names gets some; dates are days, in pictures dates again", () => {
    expect(summarize(read(rows(12, (i) => `${3 * i},${i * i}`))).summary.columns).toEqual(["column 1", "column 2"]);
    const { view, grid, data } = tableOf(`Tag;Wert\n${rows(15, (i) => `2024-01-${10 + i};${i},5`)}`);
    if (view.kind !== "line") throw new Error(view.kind);
    expect(view.axis).toMatchObject({ name: "Tag", scale: "date" });
    expect(axisText(view.axis)).toMatch(/^Tag 2024-01-\d\d … 2024-01-\d\d$/);
    expect(view.value).toMatchObject({ name: "Wert", scale: "plain" });
    // What a model sees at a place of the picture is what it sees of a row there: the trend and the week's sine and cosine.
    expect(grid!.shape).toEqual([NODES, 3]);
    const [first, sine, cosine] = data.x.data;
    const week = (place: number) => (2 * Math.PI * (view.axis.mean + view.axis.std * place)) / 7;
    expect([sine, cosine]).toEqual([Math.sin(week(first)), Math.cos(week(first))].map((v) => expect.closeTo(v, 5)));
    for (const n of [0, 100, NODES - 1]) {
      const [trend, sin, cos] = grid!.data.subarray(3 * n);
      expect(trend).toBeCloseTo(node(n, NODES, view.axis), 5);
      expect([sin, cos]).toEqual([Math.sin(week(trend)), Math.cos(week(trend))].map((v) => expect.closeTo(v, 3)));
    }
    expect([...view.points.subarray(0, 2)]).toEqual([first, data.y.data[0]]);
  });

  test("gives views by what there is: a curve, a plane, rows", () => {
    const text = `a,b,c,d,e\n${rows(40, (i) => `${2 * i},${i * i},${i % 5},${["u", "v", "w"][i % 3]},${i % 2 ? "p" : "q"}`)}`;
    const of = (target: string, ...features: string[]) => tableOf(text, { target, features });
    expect(of("b", "a").view.kind).toBe("line");
    expect(of("b", "a", "c").view.kind).toBe("plane");
    expect(of("e", "a", "b").view).toMatchObject({ kind: "plane", classes: ["p", "q"], range: [-1, 1] });
    expect(of("b", "a", "c", "d").view.kind).toBe("rows");
    expect(of("b", "a", "d").inFeatures).toBe(4); // words one by one
    expect(of("d", "a", "b")).toMatchObject({
      loss: "crossEntropy",
      outFeatures: 3,
      view: { kind: "rows", classes: ["u", "v", "w"] },
    });
    expect(() => of("b")).toThrow("choose at least one column to learn b from");
  });

  test("says what is left out, and which classes are too many", () => {
    const text = `same,x,word,y\n${rows(40, (i) => `7,${i * i},w${i % 20},${i}.5`)}`;
    expect(tableOf(text, { features: ["same", "x"] }).notes).toEqual(["same is left out: it is 7 in all rows"]);
    expect(() => tableOf(text, { target: "word", features: ["x"] })).toThrow(
      "word has 20 different values; classes to tell apart are 2 to 12",
    );
    const many = rows(300, (i) => `${i * i},w${i % 20}`);
    const { preprocessing } = fitPreprocessing(read(`x,word\n${many}`), { target: ["word"] });
    const run = { name: "model.safetensors", bytes: new Uint8Array(), preprocessing };
    expect(() => tableOf(`x,word\n${many}`, { target: "word", features: ["x"], run })).toThrow(
      "word has 20 different values; classes to tell apart are 2 to 12",
    );
  });

  test("with a run is encoded as the run's model has learnt it", () => {
    const text = `a,b\n${rows(30, (i) => `${i * i},${i}.5`)}`;
    const { preprocessing } = fitPreprocessing(read(`b,a\n${rows(12, (i) => `${1000 * i},${i % 5}`)}`), {
      target: ["b"],
    });
    const run = { name: "model.safetensors", bytes: new Uint8Array(), preprocessing };
    const { data, notes, view } = tableOf(text, { target: "b", features: ["a"], run });
    const [input] = preprocessing.inputs as { center: number; scale: number }[];
    const squares = Array.from({ length: 30 }, (_, i) => Math.fround((i * i - input.center) / input.scale));
    for (const value of data.x.data) expect(squares).toContain(value);
    expect(view).toMatchObject({ kind: "line", value: { name: "b", mean: expect.closeTo(5500, 6) } });
    expect(notes).toEqual(["model.safetensors may have learnt from the rows that it is judged by"]);
    const other = `c,b\n${rows(30, (i) => `${i * i},${i}.5`)}`;
    expect(() => tableOf(other, { target: "b", features: ["a"], run })).toThrow(
      'my.csv has no column "a", which the model was trained with',
    );
  });

  test.each([
    ["", "my.csv is empty"],
    ["a,b\n1,2\n", "my.csv has 1 rows; at least 10 are needed"],
    ["a,b\n", "my.csv has a header but no rows"],
    [`a\n${rows(20, (i) => String(i % 7))}`, "my.csv has nothing to learn"],
    [`a,b\n${rows(20, (i) => (i === 7 ? "1,2,3" : "1,2"))}`, "my.csv, line 9: 3 fields, and the header has 2"],
    [`a,a\n${rows(20, () => "1,2")}`, 'columns 1 and 2 are both called "a"'],
    [`a,b\n${rows(20, () => "1,2")}\n"unclosed,3`, "my.csv, line 22"],
    ["\0\0PK", "my.csv, line 1"],
    [rows(2, () => Array(300).fill("1").join(",")), "my.csv has 300 columns; the playground takes 200"],
    [`a,b\n${rows(30, (i) => `word${i},other${i}`)}`, "my.csv has nothing to learn"],
    [`a,b\n${rows(30, (i) => `${i * i},${i % 5 ? "" : i}`)}`, "my.csv has 6 rows with a value of b"],
  ])("that cannot be used is refused in one sentence: %j", (text, message) => {
    const refused = refusalOf(() => tableOf(text));
    expect(isSentence(refused)).toBe(true);
    expect(refused.message).toContain(message);
  });

  test("that is too large is not read", () => {
    expect(() => readCsv("big.csv", new Uint8Array(MAX_BYTES + 1))).toThrow(
      "big.csv has 5.0 MB; the playground reads up to 5 MB",
    );
  });

  test.each<[string, unknown, string]>([
    ["text", "hello", "p.json is not JSON; it should be the preprocessing.json of a run"],
    ["another JSON", { rows: [] }, "p.json: format is missing"],
    [
      "a forecast",
      {
        format: "gmnm series preprocessing",
        version: 1,
        lookback: 4,
        horizon: 2,
        columns: [{ name: "y", transform: "identity", center: 0, scale: 1 }],
        targets: [0],
      },
      "p.json is of a forecast; the playground shows models of tables",
    ],
    [
      "two targets",
      fitPreprocessing(read(`a,b,c\n${rows(20, (i) => `${i * i},${i},${-i}.5`)}`), { target: ["b", "c"] })
        .preprocessing,
      "p.json predicts 2 columns; the playground shows models of one",
    ],
  ])("preprocessing that the page cannot use is refused in one sentence: %s", (_, json, message) => {
    const text = typeof json === "string" ? json : JSON.stringify(json);
    const refused = refusalOf(() => readPreprocessing("p.json", bytes(text)));
    expect(isSentence(refused)).toBe(true);
    expect(refused.message).toContain(message);
  });

  test("whatever it holds, there is a table or a sentence", () => {
    const word = fc.oneof(
      fc.string({ maxLength: 8 }),
      fc.constantFrom("", '"', ",", "\r\n", "NaN", "1e309", "\u0000", "=1+1", "2024-02-30"),
    );
    const number = fc.oneof(fc.double().map(String), fc.integer({ min: 0, max: 3 }).map(String));
    const kinds = [number, fc.constantFrom("red", "blue", ""), fc.oneof({ weight: 40, arbitrary: number }, word), word];
    const file = fc
      .array(fc.constantFrom(...kinds), { minLength: 1, maxLength: 4 })
      .chain((columns) => fc.array(fc.tuple(...columns), { maxLength: 40, size: "max" }))
      .map((lines) => lines.map((cells) => cells.join(",")).join("\n"));
    let learnt = 0;
    fc.assert(
      fc.property(file, (text) => {
        try {
          const { data } = tableOf(text);
          for (const { data: values } of Object.values(data)) expect(values.every(Number.isFinite)).toBe(true);
          learnt++;
        } catch (error) {
          expect(isSentence(error), String(error)).toBe(true);
        }
      }),
      { numRuns: 600 },
    );
    expect(learnt).toBeGreaterThan(20);
  });
});
