import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Axis } from "../../playground/src/tasks/problem.ts";
import { commonEnd, thinned, together, valueAt } from "../../playground/src/views/chart-data.ts";
import { cssShade, SHADES, shades } from "../../playground/src/views/colors.ts";
import { confusion } from "../../playground/src/views/confusion.ts";
import { contourPath } from "../../playground/src/views/contour.ts";
import { rasterize } from "../../playground/src/views/drawing.ts";
import { dragged, nudged, SIZE, shapeOf, toData, toPicture } from "../../playground/src/views/geometry.ts";
import { inUnits, percent, short, whole } from "../../playground/src/views/numbers.ts";
import { difference, niceCeiling, paint, rootMeanSquare, toSigned } from "../../playground/src/views/raster.ts";

const axis = (low: number, high: number): Axis => ({ name: "x", low, high, mean: 0, std: 1, scale: "plain" });
const square = [axis(-1, 1), axis(-1, 1)] as const;
const coordinate = fc.double({ min: -10, max: 10, noNaN: true });
const axes = fc
  .tuple(
    coordinate,
    coordinate,
    fc.double({ min: 0.01, max: 10, noNaN: true }),
    fc.double({ min: 0.01, max: 10, noNaN: true }),
  )
  .map(([x, y, width, height]) => [axis(x, x + width), axis(y, y + height)] as const);

describe("dragging", () => {
  test("places in the picture and coordinates are one to one", () => {
    fc.assert(
      fc.property(axes, coordinate, coordinate, (given, px, py) => {
        const [x, y] = toPicture(toData([px, py], given), given);
        expect(x).toBeCloseTo(px, 6);
        expect(y).toBeCloseTo(py, 6);
      }),
    );
  });

  test("a centre follows the pointer by as much as it moves, wherever it was gripped", () => {
    expect(dragged([0, 0], [510, 490], [760, 240], square)).toEqual([0.5, 0.5]);
    fc.assert(
      fc.property(axes, fc.nat(SIZE), fc.nat(SIZE), fc.integer({ min: -100, max: 100 }), (given, x, y, by) => {
        const center = toData([500, 500], given);
        const [px, py] = toPicture(dragged(center, [x, y], [x + by, y - by], given), given);
        expect(px).toBeCloseTo(500 + by, 5);
        expect(py).toBeCloseTo(500 - by, 5);
      }),
    );
  });

  test("a centre stays near the picture, so that it can be fetched back", () => {
    const [x, y] = dragged([0, 0], [0, 0], [1e9, -1e9], square);
    expect([x, y]).toEqual([1.5, 1.5]);
    const [right, up] = nudged([0, 0], 0.02, -0.02, square);
    expect(right).toBeCloseTo(0.04, 12);
    expect(up).toBeCloseTo(0.04, 12);
  });

  test("an ellipse has the Gaussian's widths in pixels", () => {
    const component = { center: [0, 0.5], weight: 1, share: 1, meanActivation: 1, dead: false } as const;
    const { at, level } = shapeOf({ ...component, precision: [4, 0, 25] }, square); // widths 0.5 and 0.2
    expect(at).toEqual([500, 250]);
    expect(level).toMatchObject({ kind: "ellipse", major: 250, minor: 100 });
    expect(shapeOf({ ...component, precision: [4, 0, 0] }, square).level).toMatchObject({
      kind: "ridge",
      halfWidth: 250,
    });
  });
});

describe("fields", () => {
  test("are interpolated, the first row at the bottom, and clamped to their range", () => {
    const pixels = new Uint32Array(9);
    const scale = Uint32Array.from({ length: SHADES }, (_, i) => i + 1);
    paint(pixels, 3, [0, 1, 2, 3], 2, [0, 3], scale);
    const shade = (value: number) => Math.round((value / 3) * 255) + 1;
    expect([...pixels]).toEqual([2, 2.5, 3, 1, 1.5, 2, 0, 0.5, 1].map(shade));
    paint(pixels, 3, [-9, -9, 9, 9], 2, [0, 3], scale);
    expect(pixels[6]).toBe(1);
    expect(pixels[0]).toBe(SHADES);
    paint(pixels, 3, [Number.NaN, 1, 1, 1], 2, [0, 3], scale);
    expect(pixels[6]).toBe(0);
  });

  test("scales rise from blue to orange, and their middle is neutral", () => {
    for (const theme of ["light", "dark"] as const) {
      expect(shades(theme)).toHaveLength(SHADES);
      const channels = (share: number) => cssShade(theme, share).match(/\d+/g)!.map(Number);
      const [low, middle, high] = [channels(0), channels(0.5), channels(1)];
      expect(low[2]).toBeGreaterThan(low[0] + 50);
      expect(high[0]).toBeGreaterThan(high[2] + 50);
      expect(Math.max(...middle) - Math.min(...middle)).toBeLessThan(20);
    }
  });

  test("small sums over fields", () => {
    expect([...difference(Float32Array.of(3, 2), Float32Array.of(1, 4))]).toEqual([2, -2]);
    expect(rootMeanSquare(Float32Array.of(3, -3))).toBe(3);
    const [no, half, yes] = toSigned(Float32Array.of(-50, 0, 50));
    expect([no, half, yes]).toEqual([-1, 0, 1]);
    expect([0.011, 0.02, 0.3, 7, 1, 0, Number.NaN].map(niceCeiling)).toEqual([0.02, 0.02, 0.5, 10, 1, 1, 1]);
  });

  test("a contour lies where the level is", () => {
    const side = 21;
    const field = Array.from({ length: side * side }, (_, i) => Math.hypot((i % side) - 10, Math.floor(i / side) - 10));
    const path = contourPath(field, side, 5, 200);
    const points = [...path.matchAll(/[ML]([\d.]+) ([\d.]+)/g)].map(([, x, y]) =>
      Math.hypot(Number(x) - 100, Number(y) - 100),
    );
    expect(points.length).toBeGreaterThan(40);
    for (const radius of points) expect(radius).toBeCloseTo(50, -0.5);
    expect(contourPath(field, side, 99, 200)).toBe("");
  });
});

describe("curves", () => {
  test("of different models come together with gaps, thinned but to the end", () => {
    expect(
      together([
        { x: [0, 2], y: [1, 3] },
        { x: [1, 2], y: [5, 0] },
      ]),
    ).toEqual([
      [0, 1, 2],
      [1, null, 3],
      [null, 5, null],
    ]);
    expect(together([{ x: [0, 1], y: [0.5, 0] }], false)).toEqual([
      [0, 1],
      [0.5, 0],
    ]);
    const long = { x: Array.from({ length: 1001 }, (_, i) => i), y: Array.from({ length: 1001 }, (_, i) => i) };
    const { x } = thinned(long, 100);
    expect(x.length).toBeLessThanOrEqual(102);
    expect(x.at(-1)).toBe(1000);
  });

  test("are compared at the time that all have reached", () => {
    const lines = [
      { x: [0, 1, 2], y: [9, 5, 1] },
      { x: [0, 4], y: [8, 2] },
    ];
    expect(commonEnd(lines)).toBe(2);
    expect(lines.map((line) => valueAt(line, 2))).toEqual([1, 8]);
    expect(valueAt({ x: [1], y: [1] }, 0)).toBeUndefined();
  });
});

describe("a drawing", () => {
  const stroke = fc.array(
    fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true })),
    { minLength: 1, maxLength: 8 },
  );

  test("is ink in the middle, wherever and however large it was drawn", () => {
    expect(rasterize([], 14)).toBeUndefined();
    fc.assert(
      fc.property(fc.array(stroke, { minLength: 1, maxLength: 3 }), (strokes) => {
        const image = rasterize(strokes, 14)!;
        expect(image.every((ink) => ink >= 0 && ink <= 1)).toBe(true);
        expect(Math.max(...image)).toBeGreaterThan(0.3);
        for (let i = 0; i < 14; i++) expect(image[i]).toBe(0); // nothing at the edge
      }),
    );
  });

  test("looks the same where it is moved or scaled", () => {
    const one = [[[0.2, 0.1], [0.2, 0.9]], [[0.1, 0.5], [0.5, 0.5]]] as const; // biome-ignore format: strokes
    const moved = one.map((line) => line.map(([x, y]) => [0.3 + 0.5 * x, 0.05 + 0.5 * y] as const));
    const [a, b] = [rasterize(one, 14)!, rasterize(moved, 14)!];
    a.forEach((ink, i) => {
      expect(b[i]).toBeCloseTo(ink, 5);
    });
  });
});

test("confusions are counted by the largest logit", () => {
  expect(confusion([-2, 2, 1, -1, 0, 3], [0, 1, 1, 0, 1, 0], 2)).toEqual([
    [1, 1],
    [0, 1],
  ]);
  expect(confusion([9, 0, 0, 0, 1, 0], [1, 0, 0, 1, 0, 0], 3)).toEqual([
    [1, 1, 0],
    [0, 0, 0],
    [0, 0, 0],
  ]);
});

test("numbers that models see are read in the user's units", () => {
  const units = { ...axis(-1, 1), mean: 2, std: 3 };
  expect(inUnits(-1, units)).toBe("−1");
  expect(inUnits(1, { ...units, scale: "signedLog" })).toBe("147"); // e⁵ − 1
  expect(inUnits(-2, { ...units, scale: "signedLog" })).toBe("−53.6");
  expect(inUnits(0.3, { ...units, mean: 8765.6, std: 2, scale: "date" })).toBe("2024-01-01");
});

test("numbers read well", () => {
  expect([0.0041, 0.123, 0.0995, 1.5, 0, 12, Number.NaN].map(percent)).toEqual([
    "0.41 %",
    "12 %",
    "10 %",
    "150 %",
    "0 %",
    "> 999 %",
    "–",
  ]);
  expect([-0.12345, 1234.5, 1e-7, 0, Number.POSITIVE_INFINITY].map(short)).toEqual([
    "−0.123",
    "1230",
    "1.0e−7",
    "0",
    "–",
  ]);
  expect([999, 1000, 1234567].map(whole)).toEqual(["999", "1 000", "1 234 567"]);
});
