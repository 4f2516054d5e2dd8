import { numpy as np } from "@jax-js/jax";
import { expect, test } from "vitest";
import { GmnmError } from "../../src/errors.ts";
import { expectAxes, expectFeatures, sampleRows } from "../../src/nn/layer.ts";
import { zeros } from "../../src/tensor.ts";

test("x needs a last axis of the expected length, whatever comes before", () => {
  for (const shape of [[3], [5, 3], [2, 5, 3]]) expect(() => expectFeatures("gmnm", np.zeros(shape), 3)).not.toThrow();
  expect(() => expectFeatures("gmnm", np.zeros([3, 5]), 3)).toThrow(
    new GmnmError("gmnm expected x of shape (batch, 3), got (3, 5)"),
  );
  expect(() => expectFeatures("gmnm", np.zeros([]), 3)).toThrow(
    new GmnmError("gmnm expected x of shape (batch, 3), got ()"),
  );
});

test("a sample needs two axes and a row; axes before the last are rows", () => {
  expect(sampleRows("kan", zeros([1, 3]), 3)).toEqual(zeros([1, 3]));
  expect(sampleRows("kan", zeros([2, 4, 3]), 3)).toEqual(zeros([8, 3]));
  for (const shape of [[3], [0, 3], [4, 2], [1, 0, 3]]) {
    expect(() => sampleRows("kan", zeros(shape), 3)).toThrow(
      "kan expected a sample of shape (rows, 3) to initialise from, got (",
    );
  }
});

test("axes are checked by their number, and by their length where it is given", () => {
  const expects = (shape: number[]) => expectAxes("lstm", np.zeros(shape), "batch", "time", 3);
  expect(() => expects([2, 5, 3])).not.toThrow();
  for (const shape of [[2, 5, 4], [5, 3], [2, 5, 3, 1], []]) {
    expect(() => expects(shape)).toThrow(
      new GmnmError(`lstm expected x of shape (batch, time, 3), got (${shape.join(", ")})`),
    );
  }
});
