import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkPreprocessing } from "../../src/table/check.ts";
import { encodeInputs, encodeTarget, featureNames } from "../../src/table/encode.ts";
import { fitPreprocessing, type PreprocessingOptions } from "../../src/table/fit.ts";
import type { Input } from "../../src/table/preprocessing.ts";
import { parseTable } from "../../src/table/read-csv.ts";
import { encodeRows } from "../../src/table/rows.ts";
import { fit, inputOf, lines } from "./fitted.ts";
import { tables, tameWord, write } from "./random-tables.ts";

describe("numbers", () => {
  test("are standardised, missing ones filled by the median and flagged", () => {
    expect(inputOf("x,y\n1,0.5\n2,1\n6,2\n,3\n")).toEqual({
      kind: "number",
      name: "x",
      transform: "identity",
      center: 3,
      scale: expect.closeTo(Math.sqrt(14 / 3), 12),
      fill: 2,
      flag: true,
    });
  });

  test("know the training rows only", () => {
    const { preprocessing } = fit("x,y\n1,0.5\n3,1.5\n900,800\n,7\n", { rows: Uint32Array.of(0, 1) });
    expect(preprocessing.inputs[0]).toMatchObject({ center: 2, scale: 1, flag: false });
    expect(preprocessing.target).toMatchObject({ columns: [{ center: 1, scale: 0.5 }] });
  });

  test("are taken by signed logarithms where they are heavily skewed, and that helps", () => {
    const of = (f: (i: number) => number) =>
      inputOf<"number">(`x,y\n${lines(100, (i) => `${f(i)},${i / 7}`)}`).transform;
    expect(of((i) => Math.exp(i / 10))).toBe("signedLog");
    expect(of((i) => -Math.exp(i / 10))).toBe("signedLog");
    expect(of((i) => i)).toBe("identity");
    expect(of((i) => i ** 2)).toBe("identity"); // skewness 0.6
    expect(of((i) => (i < 95 ? 0 : 1) + i / 1e6)).toBe("identity"); // a logarithm changes nothing below 1
  });

  test("of any size are standardised without an overflow", () => {
    const numbers = fc.array(fc.double({ noNaN: true, min: -1e300, max: 1e300 }), { minLength: 2, maxLength: 20 });
    fc.assert(
      fc.property(numbers, (values) => {
        fc.pre(new Set(values).size > 1);
        const table = parseTable(`x,y\n${lines(values.length, (i) => `${values[i]},${i / 7}`)}`, { header: true });
        const { preprocessing } = fitPreprocessing(table, { target: ["y"], features: ["x"] });
        const { data } = encodeInputs(table, preprocessing);
        const bad = data.find((value) => !(Math.abs(value) <= Math.sqrt(values.length) + 1e-3));
        expect(bad).toBeUndefined();
      }),
      // As good as equal, and still far apart.
      { examples: [[[9.999999999979984e299, 9.999999999959985e299]]] },
    );
  });
});

describe("dates", () => {
  const cyclesOf = (n: number, day: (i: number) => number) => {
    const show = (i: number) => new Date(Date.UTC(2020, 0, 1) + 86_400_000 * day(i)).toISOString();
    return inputOf<"date">(`d,y\n${lines(n, (i) => `${show(i)},${i / 7}`)}`).cycles;
  };
  test("have the cycles that they cover twice", () => {
    expect(cyclesOf(800, (i) => i)).toEqual([365.2425, 7]);
    expect(cyclesOf(700, (i) => i)).toEqual([7]);
    expect(cyclesOf(100, (i) => i / 24)).toEqual([1]);
    expect(cyclesOf(1000, (i) => i / 24)).toEqual([7, 1]);
    expect(cyclesOf(20, (i) => i / 1000)).toEqual([]);
    expect(cyclesOf(30, (i) => 7 * i)).toEqual([]); // always the same weekday
  });
  test("of months have no week", () => {
    const month = (i: number) => `${2000 + Math.floor(i / 12)}-${String((i % 12) + 1).padStart(2, "0")}`;
    expect(inputOf<"date">(`d,y\n${lines(60, (i) => `${month(i)},${i / 7}`)}`).cycles).toEqual([365.2425]);
  });
  test("are encoded as trend and cycles, a missing one as the median", () => {
    const table = parseTable("d,y\n2000-01-01,0.5\n2000-01-03,1.5\n,2.5\n");
    const { preprocessing } = fitPreprocessing(table, { target: ["y"] });
    const input = { ...(preprocessing.inputs[0] as Extract<Input, { kind: "date" }>), cycles: [7, 4] };
    const encoded = encodeInputs(table, { ...preprocessing, inputs: [input] });
    const sin = Math.sin((4 * Math.PI) / 7);
    const cos = Math.cos((4 * Math.PI) / 7);
    const [s1, c1] = [Math.sin((2 * Math.PI) / 7), Math.cos((2 * Math.PI) / 7)];
    const expected = [-1, 0, 1, 0, 1, 1, sin, cos, 0, -1, 0, s1, c1, 1, 0];
    expect(encoded.shape).toEqual([3, 5]);
    encoded.data.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i], 6);
    });
    expect(featureNames({ ...preprocessing, inputs: [input] })).toEqual([
      "d: trend",
      "d: sin of week",
      "d: cos of week",
      "d: sin of 4 days",
      "d: cos of 4 days",
    ]);
  });
});

test("a row becomes features in the order of their names", () => {
  const table = parseTable("age,city,y\n30,Bonn,0.5\n50,Graz,1.5\n,,2.5\n");
  const { preprocessing } = fitPreprocessing(table, { target: ["y"] });
  expect(featureNames(preprocessing)).toEqual(["age", "age is missing", "city = Bonn", "city = Graz"]);
  expect([...encodeInputs(table, preprocessing).data]).toEqual([-1, 0, 1, 0, 1, 0, 0, 1, 0, 1, 0, 0]);
  expect([...encodeInputs(table, preprocessing, Uint32Array.of(2, 0)).data]).toEqual([0, 1, 0, 0, -1, 0, 1, 0]);
});

describe("columns", () => {
  test("that are not used have a reason", () => {
    const text = `id,c,x,z,w,y\n${lines(30, (i) => `${i},7,${i * i},${i % 4},,${i / 7}`)}`;
    expect(fit(text, { ignore: ["z"] }).preprocessing.ignored).toEqual([
      { name: "id", reason: "it counts the rows" },
      { name: "c", reason: "it is 7 in all rows" },
      { name: "z", reason: "as asked" },
      { name: "w", reason: "all values are missing" },
    ]);
    const { preprocessing } = fit(text, { features: ["1", "z"] });
    expect(preprocessing.inputs.map(({ name }) => name)).toEqual(["id", "z"]);
  });

  test("that count are kept where there are no others", () => {
    expect(fit(`x,y\n${lines(30, (i) => `${i},${i / 7}`)}`).preprocessing.inputs.map(({ name }) => name)).toEqual([
      "x",
    ]);
  });

  test("with many levels, and with stray words, are warned of", () => {
    const { warnings } = fit(`a,b,y\n${lines(90, (i) => `w${i % 30},${i === 3 ? "n.a." : i * i},${i / 7}`)}`);
    expect(warnings).toEqual([
      'column "a" has 30 different values; the 24 most frequent are told apart',
      't.csv, line 5, column "b": "n.a." is not a number; taken as missing',
    ]);
  });

  test.each<[string, string, Partial<PreprocessingOptions>, string]>([
    ["a target that is not there", "x,yy\n1,2\n3,4\n", {}, 't.csv has no column "y"; did you mean "yy"?'],
    ["no target", "x,y\n1,2\n3,4\n", { target: [] }, "name at least one column to predict"],
    ["a constant target", "x,y\n1,2\n3,2\n", {}, 't.csv, column "y": the target is 2 in all rows'],
    [
      "a single class",
      "x,y\n1,a\n3,a\n",
      {},
      't.csv, column "y": the target is "a" in all rows, so there is nothing to tell apart',
    ],
    ["a target without values", "x,y\n1,\n3,NA\n", {}, 't.csv: no row has a value of "y"'],
    [
      "words to be regressed",
      "x,y\n1,2\n3,b\n",
      { task: "regression" },
      't.csv, line 3, column "y": "b" is not a number, and regression predicts numbers',
    ],
    [
      "two targets to be classified",
      "x,y,z\n1,2,3\n3,4,5\n",
      { target: ["y", "z"], task: "classification" },
      't.csv: classification has one target, got "y", "z"',
    ],
    [
      "a target that is a feature",
      "x,y\n1,2\n3,4\n",
      { features: ["y"] },
      't.csv: column "y" cannot be both the target and a feature',
    ],
    [
      "a target to be ignored",
      "x,y\n1,2\n3,4\n",
      { ignore: ["y"] },
      't.csv: column "y" cannot be both the target and to be ignored',
    ],
    [
      "nothing to predict from",
      "x,y\n1,2\n1,4\n",
      {},
      't.csv has no column to predict from: "x" (it is 1 in all rows)',
    ],
    ["nothing but the target", "y\n1\n2\n", {}, "t.csv has no column to predict from"],
    [
      "too many classes",
      `x,y\n${lines(1001, (i) => `${i * i},c${i}`)}`,
      {},
      't.csv, column "y": 1001 classes, more than 1000; is this the right target?',
    ],
  ])("%s", (_, text, options, sentence) => {
    expect(() => fit(text, options)).toThrow(`gmnm: ${sentence}`);
  });
});

test("a file of another kind is refused where a model is used on it", () => {
  const { preprocessing } = fit("x,d,y\n1,2024-01-01,0.5\n2,2024-01-02,1.5\n");
  const encode = (text: string) => encodeInputs(parseTable(text, { source: "new.csv" }), preprocessing);
  expect(() => encode("x,y\n1,2\n")).toThrow('new.csv has no column "d", which the model was trained with');
  expect(() => encode("x,d\n1,2024-01-01\nred,2024-01-01\nblue,2024-01-01\n")).toThrow(
    'new.csv, line 3, column "x": "red" is not a number',
  );
  expect(() => encode("x,d\n1,5\n2,\n")).toThrow('new.csv, line 2, column "d": "5" is not a date');
  expect([...encode("x,d\n1,2024-01-01\nred,2024-01-01\n").data.slice(0, 1)]).toEqual([-1]);
});

test("whatever is in a table, it is fitted and encoded in finite numbers, and JSON rows give the same; or there is one sentence", () => {
  let encoded = 0;
  fc.assert(
    fc.property(tables(tameWord, { columns: 2, rows: 2 }), (random) => {
      const text = write(random, {
        delimiter: ",",
        decimal: ".",
        end: "\n",
        quoteAll: false,
        bom: false,
        lastEnd: true,
      });
      const table = parseTable(text, { header: true });
      try {
        const { preprocessing, rows } = fitPreprocessing(table, { target: [random.names[0]] });
        expect(checkPreprocessing(JSON.parse(JSON.stringify(preprocessing)))).toEqual(preprocessing);
        const x = encodeInputs(table, preprocessing);
        const y = encodeTarget(table, preprocessing, rows);
        expect(featureNames(preprocessing)).toHaveLength(x.shape[1]);
        const trained = encodeInputs(table, preprocessing, rows);
        expect(trained.data.every(Number.isFinite) && y.data.every(Number.isFinite)).toBe(true);
        const json = random.rows.map((cells) =>
          Object.fromEntries(random.names.map((name, j) => [name, cells[j] ?? null])),
        );
        expect(encodeRows(json, preprocessing)).toEqual(x);
        encoded++;
      } catch (error) {
        expect((error as Error).message).toMatch(/^gmnm: /);
      }
    }),
    { numRuns: 300, seed: 3 },
  );
  expect(encoded).toBeGreaterThan(100);
});
