import fc from "fast-check";
import { expect, test } from "vitest";
import { countWindows, windowElements } from "../../src/nn/windows.ts";
import { tensor, toArray, toTensor } from "../../src/tensor.ts";
import { liveBuffers } from "../live-buffers.ts";

test("finds every element of every window along either axis, and nothing stays behind", () => {
  const small = fc.integer({ min: 1, max: 4 });
  const options = fc.record({ size: small, strides: small, dilation: small });
  const before = liveBuffers();
  fc.assert(
    fc.property(options, fc.integer({ min: 1, max: 14 }), fc.constantFrom(0, 1), (window, length, axis) => {
      const count = countWindows(length, window);
      fc.pre(count >= 1);
      const shape = [2, 2].with(axis, length);
      const x = tensor(
        Array.from({ length: 2 * length }, (_, i) => i),
        shape,
      );
      const at = (index: number[]) => index[0] * shape[1] + index[1];
      const elements = windowElements(toArray(x), axis, window).map(toTensor);
      expect(elements.map((element) => element.shape)).toEqual(new Array(window.size).fill([2, 2].with(axis, count)));
      elements.forEach(({ data }, i) => {
        for (let o = 0; o < count; o++) {
          const position = axis ? o : o * 2;
          expect(data[position]).toBe(at([0, 0].with(axis, o * window.strides + i * window.dilation)));
        }
      });
    }),
    { numRuns: 150 },
  );
  expect(liveBuffers()).toBe(before);
});
