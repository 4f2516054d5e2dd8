import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { autocorrelation, findSeasons, seasonalStrength } from "../../../src/auto/forecast/seasons.ts";
import { Random } from "../../../src/random.ts";

const noisy = (rows: number, seed: number, at: (t: number) => number, noise = 1) => {
  const random = new Random(seed);
  return Float64Array.from({ length: rows }, (_, t) => at(t) + noise * random.gaussian());
};
const wave = (t: number, length: number) => Math.sin((2 * Math.PI * t) / length);

describe("findSeasons", () => {
  test("finds a season of any length without a calendar, within a tenth, under a trend", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 6, max: 40 }),
        fc.integer(),
        fc.double({ min: -0.05, max: 0.05, noNaN: true }),
        (season, seed, slope) => {
          const [found] = findSeasons([noisy(12 * season, seed, (t) => slope * t + 3 * wave(t, season))], []);
          expect(Math.abs(found / season - 1)).toBeLessThan(0.1);
        },
      ),
      { numRuns: 30 },
    );
  });

  test("finds a season where noise has moved the peak of the autocorrelation by a step", () => {
    for (const [season, seed, slope] of [
      [17, 151, 0.0269],
      [16, 1375, 0.0125],
      [19, 3373, 0.0287],
    ]) {
      expect(findSeasons([noisy(12 * season, seed, (t) => slope * t + 3 * wave(t, season))], [])).toEqual([season]);
    }
  });

  test("takes the calendar's word only where the series bears it out", () => {
    const daily = noisy(2000, 1, (t) => 5 * wave(t, 365));
    expect(findSeasons([daily], [7, 365])).toEqual([365]);
    expect(findSeasons([noisy(500, 2, () => 0)], [7, 365])).toEqual([]);
  });

  test("puts the main season first: the short one, unless the long one explains clearly more", () => {
    expect(findSeasons([noisy(2000, 3, (t) => 3 * wave(t, 24) + wave(t, 168))], [24, 168])).toEqual([24, 168]);
    expect(findSeasons([noisy(2000, 4, (t) => wave(t, 24) + 5 * wave(t, 168))], [24, 168])).toEqual([168, 24]);
  });

  test("finds none in noise, in a random walk, a straight line or a constant", () => {
    for (let seed = 0; seed < 10; seed++) {
      let level = 0;
      expect(findSeasons([noisy(300, seed, () => 0)], [])).toEqual([]);
      expect(findSeasons([noisy(300, seed, () => 0).map((step) => (level += step))], [12])).toEqual([]);
    }
    expect(findSeasons([Float64Array.from({ length: 100 }, (_, t) => t)], [12])).toEqual([]);
    expect(findSeasons([new Float64Array(100).fill(7)], [12])).toEqual([]);
  });
});

test("seasonalStrength is near 1 for a series that repeats itself, near 0 for noise, 0 where it is too short", () => {
  expect(
    seasonalStrength(
      noisy(240, 1, (t) => wave(t, 12), 0.01),
      12,
    ),
  ).toBeGreaterThan(0.99);
  expect(
    Math.abs(
      seasonalStrength(
        noisy(2400, 2, () => 0),
        12,
      ),
    ),
  ).toBeLessThan(0.03);
  expect(
    seasonalStrength(
      noisy(20, 3, (t) => wave(t, 12)),
      12,
    ),
  ).toBe(0);
});

test("autocorrelation of a wave is the wave's, whatever straight line it lies on", () => {
  const r = autocorrelation(
    noisy(1200, 1, (t) => 0.3 * t + wave(t, 12), 0),
    12,
  );
  expect(r[0]).toBe(1);
  expect(r[6]).toBeLessThan(-0.95);
  expect(r[12]).toBeGreaterThan(0.95);
});
