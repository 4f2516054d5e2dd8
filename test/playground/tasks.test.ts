import { describe, expect, test } from "vitest";
import { fields, type State, startOf, type TaskName } from "../../playground/src/state/state.ts";
import { type MadeTask, problemOf } from "../../playground/src/tasks/index.ts";

const tasks = fields.task.choices.filter((task): task is MadeTask => task !== "table");
const stateOf = (task: TaskName, changes: Partial<State> = {}): State => ({ ...startOf(task), ...changes });

describe.each(tasks)("the task %s", (task) => {
  test("is the same by its seed, another by another, and finite", () => {
    const [one, same, other] = [1, 1, 2].map((seed) => problemOf(task, stateOf(task, { seed, noise: 0.1 })));
    expect(same).toEqual(one);
    expect(other.sample.data).not.toEqual(one.sample.data);
    const tensors = [...Object.values(one.data), one.test.x, one.test.y];
    for (const { data, shape } of tensors) {
      expect(data.length).toBe(shape.reduce((a, b) => a * b));
      expect(data.every(Number.isFinite)).toBe(true);
    }
    expect(one.test.x.shape[1]).toBe(one.inFeatures);
    expect(one.test.y.shape[1]).toBe(one.outFeatures);
    expect(one.test.x.data).not.toEqual(one.sample.data);
  });
});

describe("classes", () => {
  test.each(fields.shape.choices)("%s has as many of either, within the picture", (shape) => {
    const { data } = problemOf("classes", stateOf("classes", { shape, points: 200 }));
    expect(data.y.data.reduce((a, b) => a + b)).toBe(100);
    expect(data.x.data.every((value) => Math.abs(value) <= 1)).toBe(true);
  });
});

describe("functions", () => {
  test("of the user are what is learnt", () => {
    const { data } = problemOf("function", stateOf("function", { fn: "formula", formula: "x - 2*y" }));
    const [x, y] = [data.x.data, data.y.data];
    for (let i = 0; i < y.length; i++) expect(y[i]).toBeCloseTo(x[2 * i] - 2 * x[2 * i + 1], 5);
  });

  test.each([
    ["log(x)", "log(x) is NaN at x = −1, y = −1; it must be a number everywhere from −1 to 1"],
    ["exp(20*x)", "too steep to learn"],
    ["exp(2000*x)", "is Infinity at"],
    ["x +", "not a formula"],
  ])("that cannot be learnt are refused: %s", (formula, message) => {
    expect(() => problemOf("function", stateOf("function", { fn: "formula", formula }))).toThrow(message);
  });

  test("are given with noise, and judged without", () => {
    const noisy = problemOf("curve", stateOf("curve", { noise: 0.3 }));
    const exact = problemOf("curve", stateOf("curve", { noise: 0 }));
    expect(noisy.data.y.data).not.toEqual(exact.data.y.data);
    const truth = Float32Array.from(noisy.test.x.data, (x) => Math.sin(12 * x * x));
    noisy.test.y.data.forEach((y, i) => {
      expect(y).toBeCloseTo(truth[i], 5);
    });
  });
});
