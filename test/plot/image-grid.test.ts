import { expect, test } from "vitest";
import { imageGrid } from "../../src/plot/index.ts";
import { tensor } from "../../src/tensor.ts";

const paths = (svg: string) =>
  [...svg.matchAll(/<path [^>]*fill="([^"]*)" d="([^"]*)"/g)].map(([, fill, d]) => ({ d, fill }));

test("equal pixels beside each other are one rectangle, black ones none", () => {
  const svg = imageGrid(tensor([1, 1, 0, 0, 0.5, 1], [1, 2, 3]), { scale: 10 });
  expect(paths(svg)).toEqual([
    { d: "M10,10h10v10H10z", fill: "#8b8b8b" },
    { d: "M0,0h20v10H0zM20,10h10v10H20z", fill: "#ffffff" },
  ]);
  expect(svg).toMatch(/^<svg [^>]*width="30" height="20"/);
});

test("stands in rows and columns under its title, and cuts off what lies beyond 0 and 1", () => {
  const svg = imageGrid(tensor([7, -3, Number.NaN], [3, 1, 1, 1]), { scale: 4, columns: 2, title: "Three" });
  expect(svg).toContain("Three");
  expect([...svg.matchAll(/<rect [^>]*y="(\d+)" x="(\d+)"/g)].map(([, y, x]) => [x, y])).toEqual([["0", "34"], ["6", "34"], ["0", "40"]]); // biome-ignore format: one line
  expect(paths(svg)).toEqual([{ d: "M0,34h4v4H0z", fill: "#ffffff" }]);
});

test.each([[[4, 4]], [[2, 2, 2, 3]], [[0, 2, 2]]])("refuses a tensor of shape %j", (shape) => {
  const size = shape.reduce((a, b) => a * b);
  expect(() => imageGrid(tensor(new Float32Array(size), shape))).toThrow(
    `gmnm: imageGrid expected grey images of shape (count, height, width), got (${shape.join(", ")})`,
  );
});
