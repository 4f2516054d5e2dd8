import * as Plot from "@observablehq/plot";
import { GmnmError } from "../errors.ts";
import { showShape, type Tensor } from "../tensor.ts";
import { rangeOf } from "./numbers.ts";
import { draw, titleMark } from "./svg.ts";

/** Options of {@link heatmap}. */
export type HeatmapOptions = {
  title?: string;
  /** The values at the ends of the colour scale. Default those of the matrix. */
  range?: readonly [number, number];
  /** In pixels. Default 150. */
  width?: number;
};

/**
 * A matrix as coloured squares, one per number, row 0 at the top: attention, confusion, an image. Values that are not finite leave a hole.
 *
 * @returns a standalone SVG.
 *
 * @example
 * ```ts
 * const svg = heatmap(tensor(shares, [7, 7]), { title: "head 1" });
 * ```
 * @throws GmnmError for values that are not a matrix.
 */
export function heatmap(values: Tensor, options: HeatmapOptions = {}): string {
  const { title = "", range, width = 150 } = options;
  const [rows, columns] = values.shape;
  if (values.shape.length !== 2 || rows < 1 || columns < 1) {
    throw new GmnmError(`heatmap expected values of shape (rows, columns), got ${showShape(values.shape)}`);
  }
  const [low, high] = range ?? rangeOf(values.data) ?? [0, 1];
  const cells = Array.from(values.data, (value, i) => ({ value, x: i % columns, y: Math.floor(i / columns) }));
  const marginTop = title ? 26 : 4;
  return draw({
    width,
    height: Math.round(((width - 8) * rows) / columns) + marginTop + 4,
    marginTop,
    marginRight: 4,
    marginBottom: 4,
    marginLeft: 4,
    ariaLabel: title,
    x: { axis: null, domain: [0, columns] },
    y: { axis: null, domain: [rows, 0] },
    color: {
      type: "linear",
      domain: low < high ? [low, high] : [low - 0.5, low + 0.5],
      scheme: "viridis",
      clamp: true,
    },
    marks: [
      Plot.rect(
        cells.filter(({ value }) => Number.isFinite(value)),
        { x1: "x", x2: ({ x }) => x + 1, y1: "y", y2: ({ y }) => y + 1, fill: "value", inset: -0.25 },
      ),
      titleMark(title, { dx: 0, dy: -20 }),
    ],
  });
}
