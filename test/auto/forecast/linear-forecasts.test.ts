import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { linearForecasts } from "../../../src/auto/forecast/candidates.ts";
import {
  applyMap,
  errorOf,
  type LinearMap,
  meanMap,
  naiveMap,
  seasonalNaiveMap,
  spread,
  zeroMap,
} from "../../../src/auto/forecast/linear-map.ts";
import { addMoments, iterate, ridgeMaps, windowMoments } from "../../../src/auto/forecast/regression.ts";
import { blendForecasts, compareLinear, rollingFolds } from "../../../src/auto/forecast/rolling.ts";
import { bestSmoothing, type Smoothing, smoothingMap } from "../../../src/auto/forecast/smoothing.ts";
import { Random } from "../../../src/random.ts";

const normal = (rows: number, seed: number) => Float64Array.from(new Random(seed).normal([rows]).data);
const at = (map: LinearMap, values: Float64Array) => Array.from(applyMap(map, values, [values.length]));
const close = (a: ArrayLike<number>, b: ArrayLike<number>, digits = 9) => {
  expect(a.length).toBe(b.length);
  for (let i = 0; i < a.length; i++) expect(a[i]).toBeCloseTo(b[i], digits);
};

describe("smoothing", () => {
  const plain: Smoothing = { alpha: 1, damping: 1, season: 0, gamma: 0, blur: 0 };
  const x = normal(12, 1);
  test("is the naive forecast, the mean, the straight line and the seasonal naive forecast at its ends", () => {
    close(at(smoothingMap(12, 3, plain), x), [x[11], x[11], x[11]]);
    const mean = x.reduce((a, b) => a + b) / 12;
    close(at(smoothingMap(12, 2, { ...plain, alpha: 0 }), x), [mean, mean]);
    const line = Float64Array.from({ length: 12 }, (_, t) => 3 - 0.5 * t);
    close(at(smoothingMap(12, 3, { ...plain, alpha: 0, beta: 0 }), line), [-3, -3.5, -4]);
    const season = Float64Array.from({ length: 12 }, (_, t) => [1, 5, 2][t % 3]);
    close(at(smoothingMap(12, 4, { ...plain, alpha: 0.3, season: 3, gamma: 0.2 }), season), [1, 5, 2, 1]);
  });

  test("is simple exponential smoothing by its recursion", () => {
    const alpha = 0.3;
    let level = x.reduce((a, b) => a + b) / 12;
    for (const value of x) level += alpha * (value - level);
    close(at(smoothingMap(12, 2, { ...plain, alpha }), x), [level, level]);
  });

  test("follows any level, and any straight line where it has a trend", () => {
    fc.assert(
      fc.property(
        fc.record({
          alpha: fc.double({ min: 0, max: 1, noNaN: true }),
          beta: fc.option(fc.double({ min: 0, max: 0.5, noNaN: true }), { nil: undefined }),
          gamma: fc.double({ min: 0, max: 1, noNaN: true }),
          season: fc.constantFrom(0, 3, 4),
          blur: fc.constantFrom(0, 1),
        }),
        (options) => {
          const map = smoothingMap(14, 3, { ...options, damping: 1 });
          for (let h = 0; h < 3; h++) {
            let sum = 0;
            for (let k = 0; k < 14; k++) sum += map.weights[k * 3 + h];
            expect(sum).toBeCloseTo(1, 8);
          }
          if (options.beta === undefined) return;
          const line = Float64Array.from({ length: 14 }, (_, t) => 2 * t - 1);
          close(at(map, line), [27, 29, 31], 6);
        },
      ),
      { numRuns: 50 },
    );
  });

  test("finds a noisy level's small alpha and a walk's large one", () => {
    const noise = normal(300, 2);
    let level = 0;
    const walk = noise.map((step) => (level += step));
    const search = (values: Float64Array) =>
      bestSmoothing(values, spread(40, 298, 200), { lookback: 40, horizon: 2, season: 0 }).alpha;
    expect(search(noise)).toBeLessThan(0.1);
    expect(search(walk)).toBeGreaterThan(0.7);
  });
});

describe("regression", () => {
  test("moments by recursion are those by definition", () => {
    const values = normal(40, 3);
    const { sums, windows } = windowMoments(values, 35, 6);
    expect(windows).toBe(30);
    for (let i = 0; i <= 6; i++)
      for (let j = 0; j <= 6; j++) {
        let sum = 0;
        for (let t = 0; t < 30; t++) sum += (i < 6 ? values[t + i] : 1) * (j < 6 ? values[t + j] : 1);
        expect(sums[i * 7 + j]).toBeCloseTo(sum, 9);
      }
  });

  /** x_t = 0.6 x_{t−1} − 0.3 x_{t−2} + 1 + noise. */
  const autoregressive = (rows: number, seed: number) => {
    const values = normal(rows, seed).map((e) => 0.1 * e);
    for (let t = 2; t < rows; t++) values[t] += 0.6 * values[t - 1] - 0.3 * values[t - 2] + 1;
    return values;
  };

  test("finds the coefficients of an autoregression; with a large ridge it is its base", () => {
    const moments = windowMoments(autoregressive(5000, 4), 5000, 4);
    const [fine, coarse] = ridgeMaps(moments, zeroMap(3, 1), { relative: false, ridges: [0, 1e12] });
    close(fine.weights, [0, -0.3, 0.6], 1);
    expect(fine.bias[0]).toBeCloseTo(1, 0);
    close(coarse.weights, [0, 0, 0]);
    const [base] = ridgeMaps(moments, naiveMap(3, 1), { relative: true, ridges: [1e12] });
    close(base.weights, [0, 0, 1]);
  });

  test("relative to the last value, its weights keep the level", () => {
    const [map] = ridgeMaps(windowMoments(normal(60, 5), 60, 8), naiveMap(5, 3), { relative: true, ridges: [0.01] });
    for (let h = 0; h < 3; h++)
      expect([0, 1, 2, 3, 4].reduce((sum, k) => sum + map.weights[k * 3 + h], 0)).toBeCloseTo(1, 9);
  });

  test("shared by columns it is fitted to all of them", () => {
    const [a, b] = [normal(50, 6), normal(50, 7)].map((values) => windowMoments(values, 50, 4));
    expect(addMoments([a, b]).sums[0]).toBeCloseTo(a.sums[0] + b.sums[0], 9);
    expect(addMoments([a, b]).windows).toBe(94);
  });

  test("survives a constant series", () => {
    const [map] = ridgeMaps(windowMoments(new Float64Array(30).fill(2), 30, 6), naiveMap(4, 2), {
      relative: true,
      ridges: [0.1],
    });
    close(at(map, new Float64Array(4).fill(2)), [2, 2]);
  });

  test("a step ahead, iterated, is the step applied to its own forecasts", () => {
    const step: LinearMap = {
      lookback: 3,
      horizon: 1,
      weights: Float64Array.of(0.2, -0.4, 0.9),
      bias: Float64Array.of(0.3),
    };
    const values = Array.from(normal(3, 8));
    for (let h = 0; h < 4; h++) values.push(0.2 * values.at(-3)! - 0.4 * values.at(-2)! + 0.9 * values.at(-1)! + 0.3);
    close(at(iterate(step, 4), Float64Array.from(values.slice(0, 3))), values.slice(3));
  });
});

const setting = { lookback: 12, horizon: 4, seasons: [6], ridges: [0.01, 1], iterated: true };
const season = (rows: number) => normal(rows, 9).map((e, t) => e + 3 * Math.sin((2 * Math.PI * t) / 6) + 0.02 * t);

test("no linear forecast sees what lies behind its training rows", () => {
  const values = season(120);
  const changed = values.map((value, t) => (t < 80 ? value : 1000 - value));
  const [before, after] = [values, changed].map((v) => linearForecasts(v, 80, setting));
  expect(before.size).toBeGreaterThan(9);
  expect(after).toEqual(before);
});

describe("rolling origins", () => {
  test("every fold's origins lie behind its training rows, and every forecast within the series", () => {
    const sizes = fc.record({ lookback: fc.integer({ min: 1, max: 40 }), horizon: fc.integer({ min: 1, max: 20 }) });
    fc.assert(
      fc.property(
        sizes,
        fc.integer({ min: 4, max: 900 }),
        fc.integer({ min: 1, max: 5 }),
        ({ lookback, horizon }, extra, count) => {
          const rows = lookback + 2 * horizon - 1 + extra;
          const folds = rollingFolds(rows, { ...setting, lookback, horizon }, count);
          expect(folds.length).toBeGreaterThan(0);
          for (const fold of folds) {
            expect(fold.rows).toBeGreaterThanOrEqual(lookback + horizon);
            for (const origin of fold.origins) expect(origin >= fold.rows && origin + horizon <= rows).toBe(true);
          }
        },
      ),
    );
  });

  test("a change behind a fold changes none of its forecasts", () => {
    const values = season(200);
    const folds = rollingFolds(200, setting, 2);
    const last = folds[0].origins.at(-1)!;
    const changed = values.map((value, t) => (t < last ? value : -value));
    const [a, b] = [values, changed].map((v) => compareLinear([v], folds.slice(0, 1), setting)[0].forecasts);
    expect(b).toEqual(a);
  });

  test("a blend gives the better forecast the larger share, alone where windows are many, and all shares sum to 1", () => {
    const truth = normal(40, 10);
    const off = (size: number) => truth.map((value, i) => value + size * (i % 2 === 0 ? 1 : -1));
    const forecasts = new Map([
      ["naive", off(1)],
      ["smoothing", off(0.5)],
      ["regression 0.1", off(0.6)],
      ["regression 1", off(0.6)],
    ]);
    const few = new Map(blendForecasts({ truth, forecasts }, 3));
    expect(few.get("smoothing")).toBeGreaterThan(few.get("regression 1")!);
    expect(few.get("regression 1")).toBeGreaterThan(few.get("naive")!);
    expect([...few.values()].reduce((a, b) => a + b)).toBeCloseTo(1, 12);
    expect(blendForecasts({ truth, forecasts }, 200)).toEqual([["smoothing", 1]]);
  });
});

test("maps are averaged by shares, and compared", () => {
  const mean = meanMap([naiveMap(4, 2), seasonalNaiveMap(4, 2, 2)], [0.25, 0.75]);
  close(at(mean, Float64Array.of(1, 2, 3, 4)), [3.25, 4]);
  const saw = Float64Array.from({ length: 20 }, (_, t) => t % 2);
  expect(errorOf(seasonalNaiveMap(4, 2, 2), saw, [4, 9, 15])).toBe(0);
  expect(errorOf(naiveMap(4, 2), saw, [4, 10, 16])).toBe(0.5);
});
