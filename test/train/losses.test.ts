import { grad, type numpy as np } from "@jax-js/jax";
import { expect, test } from "vitest";
import { type Tensor, tensor, toArray, toTensor } from "../../src/tensor.ts";
import { crossEntropy, huber, type Loss, mae, mse } from "../../src/train/losses.ts";
import { liveBuffers } from "../live-buffers.ts";

/** A loss and its gradient with respect to the prediction. */
function measure(loss: Loss, prediction: Tensor, target: Tensor) {
  const before = liveBuffers();
  const value = toTensor(loss(toArray(prediction), toArray(target)));
  const of = toArray(target);
  const gradient = toTensor(grad((p: np.Array) => loss(p, of))(toArray(prediction)) as np.Array);
  expect(value.shape).toEqual([]);
  expect(liveBuffers() - before).toBeLessThanOrEqual(1); // the closure may keep `of`
  return { value: value.data[0], gradient: [...gradient.data] };
}

const close = (values: number[]) => values.map((value) => expect.closeTo(value, 5));
const target = tensor([0, 0, 0, 0], [2, 2]);
const prediction = tensor([0.5, -1, 3, -4], [2, 2]);

test.each([
  ["mse", mse, (0.25 + 1 + 9 + 16) / 4, [0.25, -0.5, 1.5, -2]],
  ["mae", mae, 8.5 / 4, [0.25, -0.25, 0.25, -0.25]],
  ["huber", huber(), (0.125 + 0.5 + 2.5 + 3.5) / 4, [0.125, -0.25, 0.25, -0.25]],
  ["huber with a larger delta", huber(3.5), (0.125 + 0.5 + 4.5 + 3.5 * (4 - 1.75)) / 4, [0.125, -0.25, 0.75, -0.875]],
])("%s", (_, loss, value, gradient) => {
  const measured = measure(loss, prediction, target);
  expect(measured.value).toBeCloseTo(value, 5);
  expect(measured.gradient).toEqual(close(gradient));
});

test("crossEntropy is the mean over rows, also for large logits and soft targets", () => {
  const logits = tensor([1, 2, 3, 1000, 0, -1000], [2, 3]);
  const classes = tensor([0, 0, 1, 0.5, 0.5, 0], [2, 3]);
  const powers = [1, 2, 3].map(Math.exp);
  const sum = powers.reduce((a, b) => a + b);
  const { value, gradient } = measure(crossEntropy, logits, classes);
  expect(value / ((Math.log(sum) - 3 + 500) / 2)).toBeCloseTo(1, 5);
  const softmax = powers.map((power) => power / sum);
  expect(gradient).toEqual(close([softmax[0] / 2, softmax[1] / 2, (softmax[2] - 1) / 2, 0.25, -0.25, 0]));
});

test.each([
  ["mse", mse],
  ["mae", mae],
  ["huber", huber()],
])("%s has a finite gradient where prediction and target meet", (_, loss) => {
  const measured = measure(loss, target, target);
  expect(measured.value).toBe(0);
  // Of |e| any slope in [−1, 1] is a subgradient at 0.
  for (const slope of measured.gradient) expect(Math.abs(slope)).toBeLessThanOrEqual(0.25);
});
