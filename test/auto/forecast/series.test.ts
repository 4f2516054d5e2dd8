import { expect, test } from "vitest";
import { growsWithLevel } from "../../../src/auto/forecast/series.ts";
import { Random } from "../../../src/random.ts";

test("the logarithm is for swings that grow with the level", () => {
  const random = new Random(9);
  const series = (swing: (level: number) => number) =>
    Float64Array.from(
      { length: 120 },
      (_, t) =>
        100 * Math.exp(0.015 * t) +
        swing(100 * Math.exp(0.015 * t)) * (Math.sin((2 * Math.PI * t) / 12) + 0.1 * random.gaussian()),
    );
  expect(
    growsWithLevel(
      series((level) => 0.2 * level),
      12,
    ),
  ).toBe(true);
  expect(
    growsWithLevel(
      series(() => 20),
      12,
    ),
  ).toBe(false);
  expect(
    growsWithLevel(
      series((level) => 0.2 * level).map((value) => value - 300),
      12,
    ),
  ).toBe(false);
});
