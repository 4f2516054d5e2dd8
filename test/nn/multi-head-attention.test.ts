import { describe, expect, test } from "vitest";
import { GmnmError } from "../../src/errors.ts";
import { multiHeadAttention } from "../../src/nn/multi-head-attention.ts";
import { Random } from "../../src/random.ts";
import { tensor } from "../../src/tensor.ts";
import { forward } from "../forward.ts";
import { expectGolden, fixture } from "../golden.ts";
import { relativeError } from "../gradients.ts";

describe("values and gradients agree with the golden ones", () => {
  test.each(fixture("multi-head-attention"))("$name", expectGolden);
});

const tokens = new Random(2).normal([4, 6]); // rows are tokens
/** What each token becomes in a sequence of these. */
const attend = (causal: boolean, order: number[], scale = 1) => {
  const layer = multiHeadAttention(6, { numHeads: 3, causal });
  const rows = order.map((i) => [...tokens.data.slice(6 * i, 6 * i + 6)].map((value) => value * scale));
  const { data } = forward(layer, layer.init(new Random(1)), tensor(rows.flat(), [1, order.length, 6]));
  return order.map((_, i) => data.slice(6 * i, 6 * i + 6));
};

test("without a mask the order of the tokens does not matter", () => {
  const [first, second] = [attend(false, [0, 1, 2, 3]), attend(false, [3, 1, 0, 2])];
  [2, 1, 3, 0].forEach((position, i) => {
    expect(relativeError(second[position], first[i])).toBeLessThan(1e-5);
  });
});

test("causal attention does not see what comes later, whatever its size", () => {
  for (const scale of [1, 1e3]) {
    const [long, short] = [attend(true, [0, 1, 2, 3], scale), attend(true, [0, 1], scale)];
    for (const i of [0, 1]) expect(relativeError(long[i], short[i])).toBeLessThan(1e-5);
  }
});

test("scores far beyond where the exponential overflows give finite numbers", () => {
  for (const y of attend(false, [0, 1, 2, 3], 1e4)) expect([...y].every(Number.isFinite)).toBe(true);
});

test("refuses heads that do not divide the features", () => {
  const said = "numHeads of multiHeadAttention must divide features (6), got 4";
  expect(() => multiHeadAttention(6)).toThrow(new GmnmError(said));
});
