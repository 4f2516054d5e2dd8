import { GmnmError } from "../errors.ts";
import { showShape, type Tensor } from "../tensor.ts";
import { draw, element, titleMark } from "./svg.ts";

/** Options of {@link imageGrid}. */
export type ImageGridOptions = {
  title?: string;
  /** Images per row. Default 10. */
  columns?: number;
  /** Pixels of the figure per pixel of an image. Default 1.5. */
  scale?: number;
};

/** So many greys are told apart: what lies between is drawn as the nearest. Small enough a number that a page stays small. */
const GREYS = 12;
const GAP = 2;
const TITLE_HEIGHT = 34;

/**
 * Grey images in rows and columns. Equal pixels beside each other are one rectangle, so the figure is plain SVG.
 *
 * @param images - (count, height, width) or (count, height, width, 1), values from 0, black, to 1, white; what lies beyond is cut off.
 * @returns a standalone SVG.
 *
 * @example
 * ```ts
 * const svg = imageGrid(samples, { columns: 8, title: "Samples" });
 * ```
 * @throws GmnmError for a tensor of another shape.
 */
export function imageGrid({ data, shape }: Tensor, options: ImageGridOptions = {}): string {
  const { title = "", columns = 10, scale = 1.5 } = options;
  const [count, height, width, channels = 1] = shape;
  if (shape.length < 3 || shape.length > 4 || channels !== 1 || count < 1) {
    throw new GmnmError(`imageGrid expected grey images of shape (count, height, width), got ${showShape(shape)}`);
  }
  const [dx, dy] = [scale * width + GAP, scale * height + GAP];
  const top = title ? TITLE_HEIGHT : 0;
  const size = {
    width: Math.max(Math.min(columns, count) * dx - GAP, 9 * title.length),
    height: top + Math.ceil(count / columns) * dy - GAP,
  };
  const shades = Array.from({ length: GREYS }, () => "");
  const black = Array.from({ length: count }, (_, i) => {
    const [x, y] = [(i % columns) * dx, top + Math.floor(i / columns) * dy];
    for (const { shade, row, from, to } of runs(data.subarray(i * height * width, (i + 1) * height * width), width)) {
      if (shade > 0) shades[shade] += `M${at(x + scale * from)},${at(y + scale * row)}h${at(scale * (to - from))}v${at(scale)}H${at(x + scale * from)}z`; // biome-ignore format: a path
    }
    return element("rect", { x: at(x), y: at(y), width: at(scale * width), height: at(scale * height), fill: "#000" });
  });
  const paths = shades.map((d, shade) => element("path", { d, fill: grey(shade), "shape-rendering": "crispEdges" }));
  const pixels = () =>
    element("g", { "aria-label": "images" }, [...black, ...paths.filter((_, i) => shades[i] !== "")]);
  const marks = title ? [pixels, titleMark(title, { dx: 0, dy: 4 })] : [pixels];
  return draw({ ...size, margin: 0, axis: null, ariaLabel: title, marks });
}

/** Pixels of equal shade beside each other. */
function* runs(pixels: Float32Array, width: number) {
  const shadeOf = (i: number) => Math.round(Math.min(1, Math.max(0, pixels[i])) * (GREYS - 1)) || 0; // NaN is black
  for (let i = 0; i < pixels.length; ) {
    const shade = shadeOf(i);
    const row = Math.floor(i / width);
    const from = i;
    while (i < (row + 1) * width && shadeOf(i) === shade) i++;
    yield { shade, row, from: from - row * width, to: i - row * width };
  }
}

const grey = (shade: number): string => `#${Math.round((255 * shade) / (GREYS - 1)).toString(16).padStart(2, "0").repeat(3)}`; // biome-ignore format: one line
const at = (value: number): number => Math.round(100 * value) / 100;
