import { expect, test } from "vitest";
import { blend } from "../../src/auto/blend.ts";
import { Random } from "../../src/random.ts";
import { type Tensor, tensor } from "../../src/tensor.ts";

const random = new Random(4);
const truth = random.normal([300, 1]);
const off = (error: number): Tensor => ({ ...truth, data: truth.data.map((v) => v + error * random.gaussian()) });

test("numbers: errors that differ are averaged, what knows nothing is left out, and what is no better alone stays alone", () => {
  const [a, b, nothing] = [off(0.5), off(0.5), random.normal([300, 1])];
  const { shares, score } = blend("regression", [a, b, nothing], truth);
  expect(shares[0]).toBeGreaterThan(0.3);
  expect(shares[1]).toBeGreaterThan(0.3);
  expect(shares[2]).toBeLessThan(0.1);
  expect(score).toBeLessThan(0.4);
  expect(blend("regression", [truth, a], truth).shares).toEqual([1, 0]);
});

test("numbers: with nothing but noise to go by, hardly anything is believed", () => {
  const { shares } = blend("regression", [random.normal([300, 1]), random.normal([300, 1])], truth);
  expect(Math.max(...shares)).toBeLessThan(0.2);
});

test("classes: a predictor that is too sure is toned down, and one that is never wrong is not made ever surer", () => {
  const rows = 400;
  const target = new Float32Array(2 * rows);
  const logits = new Float32Array(2 * rows);
  const right = new Float32Array(2 * rows);
  for (let i = 0; i < rows; i++) {
    const own = random.integer(2);
    target[2 * i + own] = 1;
    right[2 * i + own] = 2;
    logits[2 * i + (random.uniform() < 0.8 ? own : 1 - own)] = 8; // e⁸ to one, and right four times in five
  }
  const y = tensor(target, [rows, 2]);
  const [share] = blend("classification", [tensor(logits, [rows, 2])], y).shares;
  expect(share * 8).toBeGreaterThan(Math.log(2.5));
  expect(share * 8).toBeLessThan(Math.log(6.5));
  const [sure] = blend("classification", [tensor(right, [rows, 2])], y).shares;
  expect(sure * 2).toBeLessThan(8);
});
