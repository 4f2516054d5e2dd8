import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { GmnmError } from "../../src/errors.ts";
import { constant, cosine, toSchedule, warmup } from "../../src/optim/schedules.ts";

test("constant", () => {
  expect([0, 5, 99].map((step) => constant(0.3)(step, 100))).toEqual([0.3, 0.3, 0.3]);
});

describe("cosine", () => {
  test("starts at the peak, passes the middle, ends at its end", () => {
    const schedule = cosine(0.2, { end: 0.1 });
    expect(schedule(0, 100)).toBeCloseTo(0.2, 12);
    expect(schedule(50, 100)).toBeCloseTo(0.11, 12);
    expect(schedule(100, 100)).toBeCloseTo(0.02, 12);
    expect(cosine(0.2)(99, 100)).toBeCloseTo(0.2 * 0.5 * (1 + Math.cos(0.99 * Math.PI)), 12);
  });

  test("stays at its end beyond the run, and has a value for an empty run", () => {
    expect(cosine(1, { end: 0.25 })(500, 100)).toBeCloseTo(0.25, 12);
    expect(cosine(1)(0, 0)).toBe(1);
  });

  test("with a warm-up rises to the peak, then falls over the rest", () => {
    const schedule = cosine(1, { warmup: 0.1 });
    const first = Array.from({ length: 10 }, (_, step) => schedule(step, 100));
    expect(first).toEqual(Array.from({ length: 10 }, (_, step) => expect.closeTo((step + 1) / 11, 12)));
    expect(schedule(10, 100)).toBeCloseTo(1, 12);
    expect(schedule(55, 100)).toBeCloseTo(0.5, 12);
    expect(schedule(100, 100)).toBeCloseTo(0, 12);
  });

  test("never leaves [0, peak], for whatever run", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 500 }),
        fc.double({ min: 0, max: 0.99, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (total, share, end) => {
          const schedule = cosine(0.5, { warmup: share, end });
          for (let step = 0; step < total; step++) {
            const rate = schedule(step, total);
            expect(rate).toBeGreaterThanOrEqual(0);
            expect(rate).toBeLessThanOrEqual(0.5 + 1e-12);
          }
        },
      ),
      { numRuns: 30 },
    );
  });
});

describe("warmup", () => {
  test("comes before any schedule, which then sees only the rest", () => {
    const seen: [number, number][] = [];
    const schedule = warmup(0.5, (step, total) => {
      seen.push([step, total]);
      return 2;
    });
    expect([0, 1, 2, 3].map((step) => schedule(step, 4))).toEqual([2 / 3, 4 / 3, 2, 2]);
    expect(seen).toEqual([
      [0, 2],
      [0, 2],
      [0, 2],
      [1, 2],
    ]);
  });

  test.each([-0.1, 1, 2, Number.NaN])("a share of %d is refused", (share) => {
    const sentence = `gmnm: warm-up must be a share of the run in [0, 1), got ${share}`;
    expect(() => warmup(share, constant(1))).toThrow(sentence);
    expect(() => cosine(1, { warmup: share })).toThrow(sentence);
  });
});

test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])("cosine and constant refuse a rate of %d", (rate) => {
  expect(() => cosine(rate)).toThrow(GmnmError);
  expect(() => constant(rate)).toThrow(GmnmError);
  expect(() => toSchedule(rate)).toThrow(GmnmError);
});

test.each([-0.1, 1.1, Number.NaN])("cosine refuses an end of %d times the peak", (end) => {
  expect(() => cosine(1, { end })).toThrow(`gmnm: end must be a share of the peak in [0, 1], got ${end}`);
});
