import * as Plot from "@observablehq/plot";
import { GmnmError } from "../errors.ts";
import { showShape, type Tensor } from "../tensor.ts";
import { BAR_WIDTH, bandEdges, type ColorScale, colorBar, colorOptions } from "./color-bar.ts";
import { type FrameOptions, frame } from "./frame.ts";
import { rangeOf } from "./numbers.ts";
import { draw, MUTED, row } from "./svg.ts";

/** Options of {@link field}. */
export type FieldOptions = FrameOptions & {
  /** Colours that diverge from 0, for errors. Default false. */
  symmetric?: boolean;
  /** The values at the ends of the colour scale. Default those of the field. */
  range?: readonly [number, number];
  /** Draws the colour scale beside the field. Default true. */
  legend?: boolean;
};

/**
 * A function of two coordinates as filled contours.
 *
 * @param values - (rows, columns): the value at row i, column j is that at y_i, x_j, both evenly spaced from one side of the box to the
 * other, sides included; row 0 lies at the bottom. Values that are not finite leave a hole.
 * @returns a standalone SVG.
 *
 * @example
 * ```ts
 * const svg = field(tensor(heights, [60, 60]), { box: [[-1, 1], [-1, 1]], title: "u(x, y)" });
 * ```
 * @throws GmnmError for values that are not a matrix of at least 2 × 2, and for an empty box.
 */
export function field(values: Tensor, options: FieldOptions): string {
  const { box, symmetric = false, legend = true } = options;
  const { shape, data } = values;
  const [rows, columns] = shape;
  if (shape.length !== 2 || rows < 2 || columns < 2) {
    throw new GmnmError(`field expected values of shape (rows, columns), each at least 2, got ${showShape(shape)}`);
  }
  const found = rangeOf(data);
  const scale = colorScale(options.range ?? found ?? [0, 1], symmetric);
  const { plot, marks, frameHeight } = frame(options, legend ? BAR_WIDTH : 0);
  // A contour's grid holds the values of cells; ours are those of points, the outermost on the box's sides.
  const [[x0, x1], [y0, y1]] = box;
  const [dx, dy] = [(x1 - x0) / (columns - 1) / 2, (y1 - y0) / (rows - 1) / 2];
  const picture = draw({
    ...plot,
    color: colorOptions(scale),
    marks: [
      Plot.contour(
        Array.from(data, (value) => Math.max(value, scale.low)),
        {
          width: columns,
          height: rows,
          x1: x0 - dx,
          x2: x1 + dx,
          y1: y0 - dy,
          y2: y1 + dy,
          fill: Plot.identity,
          thresholds: bandEdges(scale),
          interpolate: null, // the grid is whole: nothing to fill in, least of all the holes
          clip: true,
        },
      ),
      found ? null : Plot.text(["no finite values"], { frameAnchor: "middle", fill: MUTED }),
      ...marks,
    ],
  });
  if (!legend) return picture;
  return row([picture, colorBar(scale, { top: plot.marginTop, frameHeight, bottom: plot.marginBottom })]);
}

/** A scale over a range, around 0 when symmetric, and never empty. */
function colorScale([low, high]: readonly [number, number], symmetric: boolean): ColorScale {
  if (symmetric) {
    const reach = Math.max(Math.abs(low), Math.abs(high)) || 1;
    return { low: -reach, high: reach, scheme: "burd" };
  }
  const half = low < high ? 0 : 0.5 * (Math.abs(low) || 1);
  return { low: low - half, high: high + half, scheme: "viridis" };
}
