import * as Plot from "@observablehq/plot";
import { AXIS } from "./frame.ts";
import { COLORS } from "./loss-curves.ts";
import { rangeOf } from "./numbers.ts";
import { draw, FAINT, MUTED, titleMark } from "./svg.ts";

/** Options of {@link scatter}. */
export type ScatterOptions = {
  title?: string;
  /** Default "true". */
  xLabel?: string;
  /** Default "predicted". */
  yLabel?: string;
  /** In pixels, both ways. Default 340. */
  size?: number;
};

/** More points than this are thinned out evenly: a figure is to be looked at. */
const MOST_POINTS = 1500;

/**
 * Predictions over the truth, one dot each, on equal axes with the diagonal on which they would lie if they were right.
 *
 * @returns a standalone SVG.
 *
 * @example
 * ```ts
 * const svg = scatter(truth, predicted, { title: "Test rows", xLabel: "strength, MPa" });
 * ```
 */
export function scatter(x: ArrayLike<number>, y: ArrayLike<number>, options: ScatterOptions = {}): string {
  const { title = "", xLabel = "true", yLabel = "predicted", size = 340 } = options;
  const step = Math.max(1, Math.ceil(x.length / MOST_POINTS));
  const points = Array.from({ length: Math.ceil(x.length / step) }, (_, i) => ({ x: x[i * step], y: y[i * step] }));
  const finite = points.filter((point) => Number.isFinite(point.x) && Number.isFinite(point.y));
  const [low, high] = rangeOf(finite.flatMap((point) => [point.x, point.y])) ?? [0, 1];
  const margin = 0.03 * (high - low) || 1;
  const domain = [low - margin, high + margin];
  return draw({
    width: size,
    height: size,
    marginTop: title ? 40 : 16,
    marginBottom: 42,
    marginLeft: 64,
    marginRight: 20,
    ariaLabel: title || `${yLabel} over ${xLabel}`,
    x: { domain },
    y: { domain },
    marks: [
      Plot.gridX({ ticks: 5, stroke: FAINT, strokeOpacity: 1 }),
      Plot.gridY({ ticks: 5, stroke: FAINT, strokeOpacity: 1 }),
      Plot.axisX({ ...AXIS, tickFormat: "~s", label: xLabel }),
      Plot.axisY({ ...AXIS, tickFormat: "~s", label: yLabel }),
      Plot.line(
        domain.map((v) => ({ v })),
        { x: "v", y: "v", stroke: MUTED, strokeDasharray: "4 3" },
      ),
      Plot.dot(finite, { x: "x", y: "y", r: finite.length > 400 ? 1.4 : 2.2, fill: COLORS[0], fillOpacity: 0.55 }),
      titleMark(title, { dx: -56, dy: -30 }),
    ],
  });
}
