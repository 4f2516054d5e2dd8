import { expect, test } from "vitest";
import { GmnmError } from "../../src/errors.ts";
import { tensor } from "../../src/tensor.ts";
import {
  accuracy,
  confusionMatrix,
  meanAbsoluteError,
  meanSquaredError,
  negativeLogLikelihood,
  r2,
  relativeL2,
  relativeRmse,
  rmse,
} from "../../src/train/metrics.ts";

const target = tensor([1, 2, 3, 6], [2, 2]); // mean 3, variance (4 + 1 + 0 + 9)/4 = 3.5
const prediction = tensor([1, 4, 2, 7], [2, 2]); // errors 0, 2, −1, 1

test.each([
  ["meanSquaredError", meanSquaredError, 6 / 4],
  ["rmse", rmse, Math.sqrt(6 / 4)],
  ["meanAbsoluteError", meanAbsoluteError, 1],
  ["relativeRmse", relativeRmse, Math.sqrt(1.5 / 3.5)],
  ["r2", r2, 1 - 1.5 / 3.5],
  ["relativeL2", relativeL2, Math.sqrt(6 / 50)],
])("%s", (_, metric, expected) => {
  expect(metric(prediction, target)).toBeCloseTo(expected, 12);
  expect(() => metric(tensor([1, 2, 3, 6], [4, 1]), target)).toThrow(
    "gmnm: predictions of shape (4, 1) cannot be compared with targets of shape (2, 2)",
  );
});

test("a perfect prediction, and one no better than the mean", () => {
  expect([rmse, meanAbsoluteError, relativeRmse, relativeL2].map((metric) => metric(target, target))).toEqual([
    0, 0, 0, 0,
  ]);
  expect(r2(target, target)).toBe(1);
  expect(r2(tensor([3, 3, 3, 3], [2, 2]), target)).toBeCloseTo(0, 12);
});

test("accuracy is the share of rows whose largest logit is the target's", () => {
  const logits = tensor([-5, -1, -9, 0.2, 0.1, 0.3, 7, 8, 9, 1, 0, 0], [4, 3]);
  const classes = tensor([0, 1, 0, 0, 0, 1, 1, 0, 0, 1, 0, 0], [4, 3]);
  expect(accuracy(logits, classes)).toBe(3 / 4);
  const byToken = [2, 2, 3]; // (batch, tokens, classes)
  expect(accuracy(tensor(logits.data, byToken), tensor(classes.data, byToken))).toBe(3 / 4);
  expect(() => accuracy(logits, tensor([0, 1, 2, 0], [4, 1]))).toThrow(GmnmError);
});

test("negative log likelihood is that of softmax, also for logits that overflow exp", () => {
  const oneHot = tensor([1, 0, 0, 0, 1, 0], [2, 3]);
  expect(negativeLogLikelihood(tensor([0, 0, 0, 5, 5, 5], [2, 3]), oneHot)).toBeCloseTo(Math.log(3), 12);
  expect(negativeLogLikelihood(tensor([1000, 0, 0, 0, 1000, 0], [2, 3]), oneHot)).toBe(0);
  expect(negativeLogLikelihood(tensor([0, 1000, 0, 0, 1000, 0], [2, 3]), oneHot)).toBe(500);
  const [a, b] = [Math.log(1 + Math.exp(-2)), Math.log(1 + Math.exp(2))];
  const soft = tensor([0.25, 0.75], [1, 2]);
  expect(negativeLogLikelihood(tensor([1, -1], [1, 2]), soft)).toBeCloseTo(0.25 * a + 0.75 * b, 12);
});

test("the confusion matrix counts targets in rows and predictions in columns", () => {
  const logits = tensor([9, 0, 0, 9, 0, 0, 0, 9, 0, 0, 0, 9], [4, 3]); // 0 0 1 2
  const classes = tensor([1, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 1], [4, 3]); // 0 1 1 2
  expect(confusionMatrix(logits, classes)).toEqual([
    [1, 0, 0],
    [1, 1, 0],
    [0, 0, 1],
  ]);
});
