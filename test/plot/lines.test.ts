import { expect, test } from "vitest";
import { heatmap, lines } from "../../src/plot/index.ts";
import { tensor } from "../../src/tensor.ts";

test("lines draws every series with its name, negative values too, and leaves a gap where a value is not finite", () => {
  const svg = lines(
    [
      { label: "truth", x: [0, 1, 2], y: [-1, 0, 1] },
      { label: "forecast", x: [1, 2, 3, 4], y: [0, 2, Number.NaN, 3] },
    ],
    { title: "A forecast", xLabel: "hours", yLabel: "scaled" },
  );
  for (const text of ["A forecast", "truth", "forecast", "hours", "scaled"]) expect(svg).toContain(`>${text}<`);
  expect(svg).not.toContain("NaN");
  expect(svg).toContain("−1");
});

test("lines draws constants, and nothing at all", () => {
  expect(lines([{ label: "flat", x: [0, 1], y: [2, 2] }])).not.toContain("NaN");
  expect(lines([])).not.toContain("NaN");
});

test("heatmap draws a square per finite number, the first row at the top", () => {
  const svg = heatmap(tensor([0, 1, Number.NaN, 0.5, 0.25, 1], [2, 3]), { title: "head 1", width: 108 });
  const cells = [...svg.matchAll(/<rect fill="(#[0-9a-f]+)" [^>]*y="([\d.]+)"/g)];
  expect(cells).toHaveLength(5);
  expect(cells[1][1]).toBe(cells[4][1]); // the two ones
  expect(Number(cells[0][2])).toBeLessThan(Number(cells[2][2]));
  expect(svg).toContain(">head 1<");
  expect(heatmap(tensor([3, 3], [1, 2]))).not.toContain("NaN");
});

test("heatmap refuses what is not a matrix", () => {
  expect(() => heatmap(tensor([1, 2], [2]))).toThrow("heatmap expected values of shape (rows, columns), got (2)");
});
