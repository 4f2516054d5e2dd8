import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { levelSet } from "../../src/plot/ellipses.ts";
import { apart, shorten } from "../../src/plot/labels.ts";
import { formatNumber, logTicks } from "../../src/plot/numbers.ts";
import { compactPath } from "../../src/plot/path.ts";

describe("compactPath", () => {
  test("rounds, drops points on a line, writes short steps", () => {
    expect(compactPath("M0.04,1.26L5,1.3L10.02,1.3L10,11.54Z")).toBe("M0,1.3l10 0 0 10.2Z");
    expect(compactPath("M0,0L0.5,-0.5ZM1,1L1,1")).toBe("M0,0l.5-.5ZM1,1");
  });

  test("leaves other paths as they are", () => {
    const arc = "M0,0A1,1,0,1,0,2,2Z";
    expect(compactPath(arc)).toBe(arc);
  });

  test("stays within 0.3 pixels of the points, 200 paths", () => {
    const coordinate = fc.double({ min: 0, max: 500, noNaN: true });
    const points = fc.array(fc.tuple(coordinate, coordinate), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(points, (list) => {
        const numbers = compactPath(`M${list.map(([x, y]) => `${x.toFixed(3)},${y.toFixed(3)}`).join("L")}`).match(/-?(\d+\.?\d*|\.\d+)/g)!.map(Number); // biome-ignore format: one line
        let [x, y] = numbers;
        const corners = [[x, y]];
        for (let i = 2; i < numbers.length; i += 2) {
          [x, y] = [x + numbers[i], y + numbers[i + 1]];
          corners.push([x, y]);
        }
        for (const point of list) expect(distance(point, corners)).toBeLessThan(0.3);
      }),
      { numRuns: 200 },
    );
  });
});

/** From a point to a line through corners. */
function distance([px, py]: number[], corners: number[][]): number {
  let least = Math.hypot(px - corners[0][0], py - corners[0][1]);
  for (let i = 1; i < corners.length; i++) {
    const [[ax, ay], [bx, by]] = [corners[i - 1], corners[i]];
    const length = (bx - ax) ** 2 + (by - ay) ** 2 || 1;
    const t = Math.min(1, Math.max(0, ((px - ax) * (bx - ax) + (py - ay) * (by - ay)) / length));
    least = Math.min(least, Math.hypot(px - ax - t * (bx - ax), py - ay - t * (by - ay)));
  }
  return least;
}

describe("levelSet", () => {
  test("points of the ellipse satisfy zᵀΛz = 1, 500 precisions", () => {
    const entry = fc.double({ min: -10, max: 10, noNaN: true });
    fc.assert(
      fc.property(entry, entry, entry, entry, (p, q, r, s) => {
        const [a, b, c] = [p * p + r * r, p * q + r * s, q * q + s * s];
        const level = levelSet([[a, b], [b, c]], 1e3); // biome-ignore format: a matrix
        if (level.kind !== "ellipse") return;
        expect(level.major).toBeGreaterThanOrEqual(level.minor);
        const [cos, sin] = [Math.cos(level.angle), Math.sin(level.angle)];
        for (const [x, y] of [
          [level.major * cos, level.major * sin],
          [-level.minor * sin, level.minor * cos],
        ]) {
          // biome-ignore format: two points
          const value = a * x * x + 2 * b * x * y + c * y * y;
          expect(Math.abs(value - 1)).toBeLessThan(1e-4);
        }
      }),
      { numRuns: 500 },
    );
  });

  test("of a circle, no axis is the shorter by rounding", () => {
    const a = 9.999999999999966 ** 2; // a²/a is above a
    expect(levelSet([[a, 0], [0, a]], 100)).toMatchObject({ major: 1 / Math.sqrt(a), minor: 1 / Math.sqrt(a) }); // biome-ignore format: a matrix
  });

  test("degenerate ones", () => {
    const ridge = levelSet([[4, 0], [0, 0]], 100); // biome-ignore format: a matrix
    expect(ridge).toEqual({ kind: "ridge", halfWidth: 0.5, angle: Math.PI / 2 });
    expect(levelSet([[0, 0], [0, 0]], 100)).toEqual({ kind: "flat" }); // biome-ignore format: a matrix
    expect(levelSet([[NaN, 0], [0, 1]], 100)).toEqual({ kind: "flat" }); // biome-ignore format: a matrix
  });
});

test("labels stand apart and in order", () => {
  expect(apart([10, 11, 50], 10, 0, 100)).toEqual([10, 20, 50]);
  expect(apart([99, 98], 10, 0, 100)).toEqual([100, 90]);
  expect(apart([], 10, 0, 100)).toEqual([]);
  expect([shorten("abcdef", 6), shorten("abc def", 5)]).toEqual(["abcdef", "abc…"]);
});

test("numbers and ticks", () => {
  expect([0, 400, -0.0321, 123456.7, 3.2e-7, 1e21, NaN].map(formatNumber)).toEqual(["0", "400", "−0.0321", "123457", "3.20×10⁻⁷", "1.00×10²¹", "NaN"]); // biome-ignore format: one line
  expect(logTicks(0.01, 10).ticks).toEqual([0.01, 0.1, 1, 10]);
  expect(logTicks(0.2, 2).ticks).toEqual([0.2, 0.5, 1, 2]);
  expect(logTicks(1.1, 1.2).ticks).toBe(5);
  const { ticks, format } = logTicks(1e-20, 1);
  expect((ticks as number[]).map(format)).toEqual(["10⁻¹⁸", "10⁻¹⁵", "10⁻¹²", "10⁻⁹", "10⁻⁶", "10⁻³", "10⁰"]);
});
