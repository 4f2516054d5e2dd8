import fc from "fast-check";
import { expect, test } from "vitest";
import { GmnmError } from "../src/errors.ts";
import { showShape, sizeOf, takeRows, tensor, toArray, toTensor, zeros } from "../src/tensor.ts";
import { liveBuffers } from "./live-buffers.ts";

test("sizes and shapes, down to the scalar's", () => {
  expect([sizeOf([]), sizeOf([3]), sizeOf([2, 3, 4]), sizeOf([2, 0])]).toEqual([1, 3, 24, 0]);
  expect([showShape([]), showShape([2, 3])]).toEqual(["()", "(2, 3)"]);
  expect(zeros([2, 2])).toEqual({ data: new Float32Array(4), shape: [2, 2] });
});

test("a tensor is over the Float32Array it is given, and a copy of any other list", () => {
  const data = new Float32Array([1, 2]);
  expect(tensor(data, [2]).data).toBe(data);
  expect(tensor(new Float64Array([0.1]), [1]).data).toEqual(new Float32Array([0.1]));
});

test("refuses a shape that does not hold as many numbers as there are", () => {
  expect(() => tensor([1, 2, 3], [2, 2])).toThrow(new GmnmError("shape (2, 2) holds 4 numbers, got 3"));
});

test("goes to a device and back unchanged, leaving nothing there", () => {
  const before = liveBuffers();
  const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 3 });
  const numbers = fc.float({ noDefaultInfinity: false });
  fc.assert(
    fc.property(
      shapes.chain((shape) =>
        fc.tuple(fc.constant(shape), fc.array(numbers, { minLength: sizeOf(shape), maxLength: sizeOf(shape) })),
      ),
      ([shape, data]) => {
        const given = tensor(data, shape);
        const array = toArray(given);
        expect([array.dtype, array.shape]).toEqual(["float32", shape]);
        expect(toTensor(array)).toEqual(given);
      },
    ),
  );
  expect(liveBuffers()).toBe(before);
});

test("takes rows in the given order, as often as they are named", () => {
  const t = tensor([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], [3, 2, 2]);
  expect(takeRows(t, [2, 0, 2])).toEqual(tensor([8, 9, 10, 11, 0, 1, 2, 3, 8, 9, 10, 11], [3, 2, 2]));
  expect(takeRows(t, [])).toEqual(tensor([], [0, 2, 2]));
  expect(takeRows(tensor([5, 6], [2]), [1])).toEqual(tensor([6], [1]));
});
