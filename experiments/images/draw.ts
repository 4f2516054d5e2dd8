// Figures of images: pixels as they are, counts of mistakes, curves of activations.
import * as Plot from "@observablehq/plot";
import { draw, element, FAINT, MUTED, titleMark } from "../../src/plot/svg.ts";
import type { Tensor } from "../../src/tensor.ts";

const TITLE = 30;
const LEVELS = 15;
const GAP = 4;

/** Options of {@link imageGrid}. */
export type ImageGridOptions = {
  title: string;
  columns: number;
  /** Side of a pixel. Default 2. */
  pixel?: number;
  /** Blue below 0, white at 0, red above it, each image by its largest number. Default: 0 is black, 1 is white. */
  signed?: boolean;
};

/** Images (n, height, width, 1 or 3) beside and below each other; pixels of one colour in a row are one rectangle. */
export function imageGrid({ data, shape }: Tensor, options: ImageGridOptions): string {
  const { title, columns, pixel = 2, signed = false } = options;
  const [count, height, width, channels] = shape;
  const paths = new Map<string, string>();
  for (let i = 0; i < count; i++) {
    const image = data.subarray(i * height * width * channels, (i + 1) * height * width * channels);
    const most = image.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1e-9);
    const colorAt = (row: number, column: number) => {
      const at = (row * width + column) * channels;
      return signed ? diverging(image[at] / most) : plain(image.subarray(at, at + channels));
    };
    const left = (i % columns) * (width * pixel + GAP);
    const top = TITLE + Math.floor(i / columns) * (height * pixel + GAP);
    for (let row = 0; row < height; row++) {
      for (let from = 0, to = 1; to <= width; to++) {
        if (to < width && colorAt(row, to) === colorAt(row, from)) continue;
        const run = `M${left + from * pixel},${top + row * pixel}h${(to - from) * pixel}v${pixel}h${-(to - from) * pixel}z`;
        const color = colorAt(row, from);
        paths.set(color, (paths.get(color) ?? "") + run);
        from = to;
      }
    }
  }
  const rects = [...paths].map(([fill, d]) => element("path", { d, fill, "shape-rendering": "crispEdges" }));
  return draw({
    width: Math.max(columns * (width * pixel + GAP), 8 * title.length),
    height: TITLE + Math.ceil(count / columns) * (height * pixel + GAP),
    margin: 0,
    marginTop: TITLE,
    ariaLabel: title,
    marks: [() => element("g", {}, rects), titleMark(title, { dx: 0, dy: -22 })],
  });
}

const level = (value: number): number =>
  Math.round((255 * Math.round(LEVELS * Math.min(1, Math.max(0, value)))) / LEVELS);

function plain(values: Float32Array): string {
  const [red, green = red, blue = red] = Array.from(values, level);
  return `rgb(${red},${green},${blue})`;
}

/** From blue at −1 over white to red at 1. */
function diverging(value: number): string {
  const faded = level(1 - Math.abs(value));
  return value < 0 ? `rgb(${faded},${faded},255)` : `rgb(255,${faded},${faded})`;
}

/** How often each class (row) was taken for each (column): what is right is left pale, so that mistakes stand out. */
export function confusion(counts: readonly (readonly number[])[], classes: readonly string[], title: string): string {
  const cells = counts.flatMap((row, i) =>
    row.map((count, j) => ({ truth: classes[i], taken: classes[j], count, wrong: i === j ? 0 : count })),
  );
  const longest = Math.max(...classes.map(({ length }) => length));
  const margin = 30 + 6 * longest;
  return draw({
    // A column is as wide as its name.
    width: Math.max(36, 6.5 * longest + 6) * classes.length + margin + 10,
    height: 36 * classes.length + 64,
    marginTop: 52,
    marginLeft: margin,
    marginRight: 10,
    marginBottom: 12,
    ariaLabel: title,
    x: { domain: classes, axis: "top", label: null, tickSize: 0 },
    y: { domain: classes, label: null, tickSize: 0 },
    color: { scheme: "reds", domain: [0, Math.max(4, ...cells.map(({ wrong }) => wrong)) * 1.6] },
    marks: [
      Plot.cell(cells, { x: "taken", y: "truth", fill: "wrong", inset: 0.5 }),
      Plot.text(cells, { x: "taken", y: "truth", text: ({ count }) => (count === 0 ? "" : String(count)) }),
      titleMark(title, { dx: -margin + 4, dy: -46 }),
    ],
  });
}

/** Curves y(x) on linear axes, all alike. */
export function curves(
  lines: readonly { x: number; y: number }[][],
  { title, xLabel, yLabel }: { title: string; xLabel: string; yLabel: string },
): string {
  const axis = { tickSize: 0, fill: MUTED, labelAnchor: "center", labelArrow: "none" } as const;
  return draw({
    width: 420,
    height: 300,
    marginTop: 36,
    marginLeft: 52,
    marginBottom: 40,
    ariaLabel: title,
    marks: [
      Plot.gridX({ stroke: FAINT, strokeOpacity: 1 }),
      Plot.gridY({ stroke: FAINT, strokeOpacity: 1 }),
      Plot.axisX({ ...axis, label: xLabel }),
      Plot.axisY({ ...axis, label: yLabel }),
      ...lines.map((points) => Plot.line(points, { x: "x", y: "y", stroke: "#0072b2", strokeOpacity: 0.6 })),
      titleMark(title, { dx: -46, dy: -28 }),
    ],
  });
}
