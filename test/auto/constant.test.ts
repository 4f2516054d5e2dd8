import { describe, expect, test } from "vitest";
import { choose } from "../../src/auto/choose.ts";
import { constantModel, constantOf, outOfFoldConstant } from "../../src/auto/constant.ts";
import { planOf } from "../../src/auto/index.ts";
import { tensor } from "../../src/tensor.ts";
import { predict } from "../../src/train/index.ts";

const numbers = tensor([1, 10, 2, 20, 6, 60], [3, 2]);
const classes = tensor([1, 0, 1, 0, 0, 1], [3, 2]);

describe("the constant", () => {
  test("of numbers is their mean, of classes their frequencies with one row more for each", () => {
    expect([...constantOf("regression", numbers).data]).toEqual([3, 30]);
    const logits = [...constantOf("classification", classes).data];
    expect(logits.map(Math.exp)).toEqual([expect.closeTo(3 / 5, 6), expect.closeTo(2 / 5, 6)]);
  });

  test("for a row that was held out comes from the others, and is a mean where it was held out twice", () => {
    const once = [Uint32Array.of(0), Uint32Array.of(1, 2)];
    expect([...outOfFoldConstant("regression", numbers, once, Uint32Array.of(0, 2)).data]).toEqual([4, 40, 1, 10]);
    const twice = [...once, Uint32Array.of(2)];
    expect([...outOfFoldConstant("regression", numbers, twice, Uint32Array.of(2)).data]).toEqual([1.25, 12.5]);
  });

  test("is a model", async () => {
    const { data } = await predict(constantModel("regression", 4, numbers), tensor(new Float32Array(8), [2, 4]));
    expect([...data]).toEqual([3, 30, 3, 30]);
  });
});

test("where all that was trained is surely wrong of rows it has not seen, the model is the constant, and says so", async () => {
  const plan = planOf({ rows: 3, features: 2, outputs: 2, task: "classification", model: "linear", seed: 0 }, 1, 10);
  const wrong = (rows: number[]) => ({
    rows: Uint32Array.from(rows),
    result: {
      epochs: [1],
      losses: [0],
      predictions: [
        tensor(
          rows.flatMap((row) => (classes.data[2 * row] ? [-9, 9] : [9, -9])),
          [rows.length, 2],
        ),
      ],
      params: [{ weights: tensor([1, 2, 3, 4], [2, 2]), bias: tensor([0, 0], [2]) }],
    },
  });
  const linear = { candidate: plan.linear, members: [wrong([0]), wrong([1, 2])], failed: 0 };
  const x = tensor([1, 2, 3, 4, 5, 6], [3, 2]);
  const { model, validation } = choose({ x, y: classes }, plan, [], linear);
  expect(validation.why).toMatch(/^always the classes' frequencies: log loss .*; next best is linear/);
  expect(validation.scores).toEqual(validation.constant);
  expect(validation.candidates.filter(({ chosen }) => chosen).map(({ name }) => name)).toEqual([
    "always the classes' frequencies",
  ]);
  const { data } = await predict(model, x);
  expect([...data]).toEqual([0, 1, 2].flatMap(() => [...constantOf("classification", classes).data]));
});
