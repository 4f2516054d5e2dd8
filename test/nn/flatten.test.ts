import { expect, test } from "vitest";
import { GmnmError } from "../../src/errors.ts";
import { flatten } from "../../src/nn/flatten.ts";
import { tensor } from "../../src/tensor.ts";
import { forward } from "../forward.ts";

test("keeps the first axis and the order of the numbers", () => {
  const numbers = [1, 2, 3, 4, 5, 6, 7, 8];
  expect(forward(flatten(), {}, tensor(numbers, [2, 2, 1, 2]))).toEqual(tensor(numbers, [2, 4]));
  expect(forward(flatten(), {}, tensor(numbers, [8]))).toEqual(tensor(numbers, [8, 1]));
});

test("refuses a scalar", () => {
  const said = "flatten expected x of shape (batch, …), got ()";
  expect(() => forward(flatten(), {}, tensor([1], []))).toThrow(new GmnmError(said));
});
