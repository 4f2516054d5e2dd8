import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeOutputs } from "../../src/table/decode.ts";
import { encodeTarget } from "../../src/table/encode.ts";
import { fitPreprocessing } from "../../src/table/fit.ts";
import { parseTable } from "../../src/table/read-csv.ts";
import { tensor } from "../../src/tensor.ts";
import { fit, lines } from "./fitted.ts";

test("rows without one are left out and counted", () => {
  const { rows, dropped, warnings } = fit("x,y\n1,0.5\n2,\n3,NA\n4,2\n");
  expect([[...rows], dropped]).toEqual([[0, 3], 2]);
  expect(warnings).toEqual(['2 rows of 4 without a value of "y" are left out']);
});

test("a word among numbers is named, and its row left out", () => {
  const { rows, warnings } = fit(`x,y\n${lines(30, (i) => `${i * i},${i === 4 ? "oops" : i / 7}`)}`);
  expect(rows.length).toBe(29);
  expect(warnings[0]).toBe('t.csv, line 6, column "y": "oops" is not a number; such rows are left out');
});

test("classes are in order, and one-hot", () => {
  const table = parseTable(`x,y\n${lines(30, (i) => `${i * i},${[10, 9, 2][i % 3]}`)}`);
  const { preprocessing, task, rows } = fitPreprocessing(table, { target: ["y"] });
  expect(task).toBe("classification");
  expect(preprocessing.target).toEqual({ kind: "classes", name: "y", classes: ["2", "9", "10"] });
  expect([...encodeTarget(table, preprocessing, rows.slice(0, 3)).data]).toEqual([0, 0, 1, 0, 1, 0, 1, 0, 0]);
  expect(() => encodeTarget(parseTable("x,y\n1,5\n"), preprocessing)).toThrow(
    'table, line 2, column "y": "5" is not one of the 3 classes of the training',
  );
});

test("several are numbers side by side", () => {
  const table = parseTable("x,y,z\n1,0.5,1\n2,1.5,3\n5,,7\n");
  const { preprocessing, rows, task } = fitPreprocessing(table, { target: ["y", "z"] });
  expect(task).toBe("regression");
  expect([...encodeTarget(table, preprocessing, rows).data]).toEqual([-1, -1, 1, 1]);
  expect(() => encodeTarget(table, preprocessing)).toThrow('table, line 4, column "y": the target is missing');
});

test("what is encoded is decoded", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -1e6, max: 1e6 }), { minLength: 2, maxLength: 20 }),
      fc.boolean(),
      (values, log) => {
        fc.pre(new Set(values).size > 1);
        const table = parseTable(`x,y\n${lines(values.length, (i) => `${i % 2},${values[i]}`)}`, { header: true });
        const options = {
          target: ["y"],
          features: ["x"],
          task: "regression",
          targetTransform: log ? "signedLog" : "identity",
        } as const;
        const { preprocessing } = fitPreprocessing(table, options);
        const decoded = decodeOutputs(encodeTarget(table, preprocessing), preprocessing.target);
        if (decoded.kind !== "numbers") throw new Error("not numbers");
        const size = Math.max(...values.map(Math.abs));
        decoded.columns[0].values.forEach((value, i) => {
          expect(Math.abs(value - values[i])).toBeLessThanOrEqual(1e-5 * size + 1e-9);
        });
      },
    ),
  );
});

test("logits become classes and probabilities", () => {
  const target = { kind: "classes", name: "y", classes: ["a", "b"] } as const;
  const decoded = decodeOutputs(tensor([0, Math.log(3), 1000, -1000], [2, 2]), {
    ...target,
    classes: [...target.classes],
  });
  if (decoded.kind !== "classes") throw new Error("not classes");
  expect(decoded.labels).toEqual(["b", "a"]);
  [0.25, 0.75, 1, 0].forEach((p, i) => {
    expect(decoded.probabilities[i]).toBeCloseTo(p, 6);
  });
  expect(() => decodeOutputs(tensor([1, 2, 3], [1, 3]), { ...target, classes: ["a", "b"] })).toThrow(
    "expected outputs of shape (rows, 2), got (1, 3)",
  );
});

test("are scaled by logarithms only when asked", () => {
  const text = `x,y\n${lines(100, (i) => `${i * i},${Math.exp(i / 10)}`)}`;
  const transformOf = (options = {}) =>
    (fit(text, options).preprocessing.target as { columns: { transform: string }[] }).columns[0].transform;
  expect(transformOf()).toBe("identity");
  expect(transformOf({ targetTransform: "auto" })).toBe("signedLog");
});
