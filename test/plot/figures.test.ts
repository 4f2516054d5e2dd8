import { parseHTML } from "linkedom";
import { describe, expect, test } from "vitest";
import { gmnm } from "../../src/nn/gmnm.ts";
import { rbf } from "../../src/nn/rbf.ts";
import { readParams } from "../../src/params.ts";
import { components, field, fields, lossCurves, row, toPng } from "../../src/plot/index.ts";
import { Random } from "../../src/random.ts";
import { type Tensor, tensor } from "../../src/tensor.ts";

const box = [[-1, 1], [-1, 1]] as const; // biome-ignore format: a box

/** Values of a function on an n × n grid of the box. */
const sampled = (f: (x: number, y: number) => number, n = 60): Tensor =>
  tensor(
    Array.from({ length: n * n }, (_, i) => f(-1 + (2 * (i % n)) / (n - 1), -1 + (2 * Math.floor(i / n)) / (n - 1))),
    [n, n],
  );

/** The parsed figure, after checks that hold for all figures. */
function parse(svg: string) {
  expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" /);
  expect(svg).not.toMatch(/NaN|Infinity|undefined|<style|<script|plot-clip/);
  const { document } = parseHTML(`<!doctype html><html><body>${svg}</body></html>`);
  const ids = [...document.querySelectorAll("[id]")].map(({ id }) => id);
  const used = [...svg.matchAll(/url\(#([^)]*)\)/g)].map(([, id]) => id);
  expect(new Set(used)).toEqual(new Set(ids));
  const texts = [...document.querySelectorAll("text")].map(({ textContent }) => textContent);
  return { document, texts, ids, count: (selector: string) => document.querySelectorAll(selector).length };
}

describe("lossCurves", () => {
  const x = Array.from({ length: 50 }, (_, i) => i);
  const series = [
    { label: "gmnm", x, y: x.map((i) => Math.exp(-i / 5)) },
    { label: "a < b & c", x, y: x.map((i) => Math.exp(-i / 9)) },
  ];

  test("one line per series, labelled at its end, axes named", () => {
    const { texts, count } = parse(lossCurves(series, { title: "Training", xLabel: "step", yLabel: "RMSE" }));
    expect(count('[aria-label="line"] path')).toBe(2);
    for (const text of ["Training", "step", "RMSE", "gmnm", "a < b & c"]) expect(texts).toContain(text); // biome-ignore format: one line
    expect(texts).toContain("10⁰");
    expect(texts).toContain("10⁻⁴");
  });

  test("values without a logarithm leave a gap, alone points are seen", () => {
    const { count } = parse(lossCurves([{ label: "a", x: [0, 1, 2, 3, 4, 5], y: [1, 0.5, NaN, 0, -1, 0.1] }]));
    expect(count('[aria-label="dot"] circle')).toBe(2); // the lone last point, and the mark at the end of the line
  });

  test.each([
    ["no series", []],
    ["an empty series", [{ label: "a", x: [], y: [] }]],
    ["no value to draw", [{ label: "a", x: [1, 2, 3], y: [NaN, 0, -Infinity] }]],
  ])("%s: says so", (_, empty) => {
    expect(parse(lossCurves(empty)).texts).toContain("no values to draw");
  });

  test.each([
    ["one point", [1], [0.5]],
    ["a constant", [1, 2, 3], [0.5, 0.5, 0.5]],
    ["the ends of the number range", [0, 1], [5e-324, 1.7e308]],
    ["a narrow range", [0, 1], [1, 1.001]],
  ])("%s", (_, xs, ys) => {
    const { texts } = parse(lossCurves([{ label: "a", x: xs, y: ys }]));
    expect(texts.length).toBeGreaterThan(5);
  });

  test("a hundred thousand points stay small", () => {
    const many = Float32Array.from({ length: 100_000 }, (_, i) => Math.exp(-i / 1e4) * (1 + 0.5 * Math.sin(i * i)));
    const svg = lossCurves([{ label: "noisy", x: many.map((_, i) => i), y: many }]);
    expect(parse(svg).count('[aria-label="area"] path')).toBe(1);
    expect(svg.length).toBeLessThan(20_000);
  });
});

describe("field", () => {
  const wave = sampled((x, y) => Math.sin(3 * x) * Math.cos(2 * y));

  test("contours, axes, colour scale; small", () => {
    const svg = field(wave, { box, title: "u(t, x)", xLabel: "t", yLabel: "x" });
    const { count, texts } = parse(svg);
    expect(count('[aria-label="contour"] path')).toBeGreaterThan(20);
    for (const text of ["u(t, x)", "t", "x"]) expect(texts).toContain(text);
    expect(count('[aria-label="rect"] rect')).toBe(25);
    expect(svg.length).toBeLessThan(40_000);
    expect(parse(field(wave, { box, legend: false })).count('[aria-label="rect"] rect')).toBe(0);
    const bumps = sampled((x, y) => Math.sin(4 * Math.PI * x) * Math.sin(4 * Math.PI * y));
    expect(field(bumps, { box }).length).toBeLessThan(100_000);
  });

  test("row 0 lies at the bottom, column 0 on the left", () => {
    const corner = sampled((x, y) => (x < 0 && y < 0 ? 1 : 0), 10);
    const { document } = parse(field(corner, { box, legend: false, width: 354 }));
    const top = [...document.querySelectorAll('[aria-label="contour"] path')].at(-1)!.getAttribute("d")!;
    const [, x, y] = /^M([\d.]+),([\d.]+)/.exec(top)!.map(Number);
    expect(x).toBeLessThan(44 + 300 / 2 + 20);
    expect(y).toBeGreaterThan(34 + 300 / 2 - 20);
  });

  test("a symmetric scale has its middle at 0", () => {
    const { document } = parse(
      field(
        sampled((x) => x + 0.5),
        { box, symmetric: true },
      ),
    );
    const bands = [...document.querySelectorAll('[aria-label="rect"] rect')];
    expect(bands[12].getAttribute("fill")).toMatch(/^rgb\(2[34]\d, 2[34]\d, 2[34]\d\)$/);
  });

  test.each([
    ["a constant", sampled(() => 5)],
    ["zero", sampled(() => 0)],
    ["holes", sampled((x, y) => (x * x + y * y < 0.2 ? NaN : x))],
    ["infinities", sampled((x, y) => 1 / Math.max(0, x + y))],
    ["tiny values", sampled((x) => 1e-30 * x)],
    ["two by two", sampled((x) => x, 2)],
  ])("%s", (_, values) => {
    parse(field(values, { box }));
    parse(field(values, { box, symmetric: true }));
  });

  test("nothing finite: says so", () => {
    expect(
      parse(
        field(
          sampled(() => NaN),
          { box },
        ),
      ).texts,
    ).toContain("no finite values");
  });

  test("errors", () => {
    expect(() => field(tensor([1, 2], [2]), { box })).toThrow("gmnm: field expected values of shape (rows, columns), each at least 2, got (2)"); // biome-ignore format: one line
    expect(() => field(wave, { box: [[0, 0], [0, 1]] })).toThrow("x0 < x1 and y0 < y1, got [[0,0],[0,1]]"); // biome-ignore format: one line
    expect(() => fields({ target: wave, prediction: sampled(() => 0, 9) }, { box })).toThrow(
      "gmnm: fields expected a prediction of the target's shape (60, 60), got (9, 9)",
    );
  });

  test("fields: target and prediction share a scale, the error has its own", () => {
    const prediction = sampled((x, y) => 3 * Math.sin(3 * x) * Math.cos(2 * y));
    const [target, predicted, error] = fields({ target: wave, prediction }, { box }).map(parse);
    const labels = ({ document }: typeof target) =>
      [...document.querySelectorAll('g[transform^="translate(2"] text')].map(({ textContent }) => textContent);
    expect(labels(target)).toEqual(labels(predicted));
    expect(error.texts).toContain("Error");
    expect(labels(error)).not.toEqual(labels(target));
  });
});

describe("components", () => {
  const layer = gmnm(2, 1, { numComponents: 3 });
  const base = readParams(layer.init(new Random(1))) as Record<string, Tensor>;
  // Component 0: semi-axes 1/2 along x and 1/4 along y around (0.5, −0.5); 1: a ridge along x + y = 0; 2: flat.
  const params = {
    ...base,
    centers: tensor([0.5, -0.5, 0, 0, 0, 0], [3, 2]),
    projections: tensor([2, 4, 0, 0, 0, 0, 0, 4, 0, 4, 0, 0], [2, 2, 3]), // (in, rank, component)
    weights: tensor([-2, 1, 0.5], [3, 1]),
  };

  test("an ellipse, a ridge, a dot each", () => {
    const { document, count } = parse(components(layer.config, params, { box, width: 316 }));
    const frame = 316 - 62 - 54;
    const [ellipse] = document.querySelectorAll("ellipse");
    expect(count("ellipse")).toBe(1);
    expect(count('[aria-label="components"] rect')).toBe(2); // the clip path's, and the ridge
    expect(count('[aria-label="components"] circle')).toBe(3);
    const size = [Number(ellipse.getAttribute("rx")), Number(ellipse.getAttribute("ry"))];
    expect(size).toEqual([(0.5 * frame) / 2, (0.25 * frame) / 2]);
    const [, x, y, angle] = /translate\(([\d.]+),([\d.]+)\) rotate\((-?[\d.]+)\)/.exec(ellipse.getAttribute("transform")!)!.map(Number); // biome-ignore format: one line
    expect([x, y]).toEqual([44 + 0.75 * frame, 34 + 0.75 * frame]);
    expect(angle % 180).toBe(0);
    expect(ellipse.getAttribute("stroke")).toBe("#0072b2"); // subtracts
    const ridge = document.querySelector('[aria-label="components"] rect[stroke]')!;
    expect(ridge.getAttribute("transform")).toMatch(/ rotate\((45|-135|225)\)$/); // downwards to the right
    expect(Number(ridge.getAttribute("height"))).toBeCloseTo(frame / Math.sqrt(32), 2); // 2 / ‖(4, 4)‖, at half a frame per unit
  });

  test("one of each kind per component, also where no sample activates it", () => {
    const many = gmnm(2, 3, { numComponents: 40 });
    const started = readParams(many.init(new Random(1)));
    const svg = components(many.config, started, { box, output: 2, sample: tensor([-1, -1], [1, 2]) });
    const { count, texts } = parse(svg);
    expect(count("ellipse")).toBe(40);
    expect(count("ellipse[stroke-dasharray]")).toBeGreaterThan(10);
    expect(texts).toContain("dead");
    const radial = rbf(2, 1, { numComponents: 7 });
    expect(parse(components(radial.config, readParams(radial.init(new Random(1))), { box })).count("ellipse")).toBe(7);
  });

  test("errors", () => {
    const wide = gmnm(3, 1);
    expect(() => components(wide.config, readParams(wide.init(new Random(1))), { box })).toThrow("gmnm: components draws layers of 2 input features, got 3"); // biome-ignore format: one line
    expect(() => components(layer.config, params, { box, output: 1 })).toThrow("gmnm: components has outputs 0 to 0 to draw, got 1"); // biome-ignore format: one line
  });
});

describe("every figure", () => {
  const wave = sampled((x, y) => x * y);
  const layer = gmnm(2, 1);
  const params = readParams(layer.init(new Random(1)));
  const all = () => [
    lossCurves([{ label: "a", x: [1, 2, 3], y: [3, 2, 1] }], { title: "<script>alert('1')</script> &" }),
    field(wave, { box, title: "<b>" }),
    components(layer.config, params, { box, title: '"' }),
  ];

  test("is the same each time", () => {
    expect(all()).toEqual(all());
  });

  test("escapes its texts", () => {
    const { texts } = parse(all()[0]);
    expect(texts).toContain("<script>alert('1')</script> &");
  });

  test("shares no id with another on a page, and stands beside it in one", () => {
    const ids = all().flatMap((svg) => parse(svg).ids);
    expect(ids.length).toBeGreaterThan(1);
    expect(new Set(ids).size).toBe(ids.length);
    const together = row(all(), 10);
    expect(parse(together).ids).toHaveLength(ids.length);
    expect(parse(together).document.querySelector("svg")!.getAttribute("width")).toBe(String(560 + 340 + 340 + 20));
  });

  test("becomes a PNG of the wanted width", () => {
    for (const svg of [...all(), row(all())]) {
      const png = toPng(svg, { width: 500 });
      expect([...png.subarray(0, 8)]).toEqual([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
      expect(new DataView(png.buffer, png.byteOffset).getUint32(16)).toBe(500);
    }
    expect(new DataView(toPng(all()[0]).slice().buffer).getUint32(16)).toBe(2 * 560);
  });
});
