import * as Plot from "@observablehq/plot";
import { COLORS, type Series } from "./loss-curves.ts";
import { rangeOf } from "./numbers.ts";
import { draw, FAINT, INK, MUTED, titleMark } from "./svg.ts";

/** Options of {@link lines}. */
export type LinesOptions = {
  title?: string;
  xLabel?: string;
  yLabel?: string;
  /** In pixels. Default 560. */
  width?: number;
  /** In pixels. Default 260. */
  height?: number;
};

/**
 * Lines on linear axes with a legend above them; a series named "truth" is black. For forecasts, errors and whatever may be negative; a loss
 * has {@link lossCurves}. Values that are not finite leave a gap.
 *
 * @returns a standalone SVG.
 *
 * @example
 * ```ts
 * const svg = lines([{ label: "truth", x: hours, y }, { label: "GMNM", x: hours, y: forecast }], { xLabel: "hours" });
 * ```
 */
export function lines(series: readonly Series[], options: LinesOptions = {}): string {
  const { title = "", xLabel = "", yLabel = "", width = 560, height = 260 } = options;
  const marginTop = title ? 64 : 44;
  const colorOf = (label: string, i: number) => (label === "truth" ? INK : COLORS[i % COLORS.length]);
  const curves = series.map(({ label, x, y }, i) => ({
    label,
    color: colorOf(label, i),
    points: Array.from(x, (at, j) => ({ x: at, y: Number.isFinite(y[j]) ? y[j] : Number.NaN })),
  }));
  const [low, high] = rangeOf(curves.flatMap(({ points }) => points.map(({ y }) => y))) ?? [0, 1];
  const [left, right] = rangeOf(curves.flatMap(({ points }) => points.map(({ x }) => x))) ?? [0, 1];
  const margin = 0.05 * (high - low) || 1;
  // Entries of the legend side by side, each as wide as its text.
  const starts = curves.map((_, i) => curves.slice(0, i).reduce((sum, { label }) => sum + 22 + 7 * label.length, 0));
  return draw({
    width,
    height,
    marginTop,
    marginBottom: 42,
    marginLeft: 56,
    marginRight: 16,
    ariaLabel: title || `${yLabel} over ${xLabel}`,
    x: { domain: left < right ? [left, right] : [left - 0.5, left + 0.5] },
    y: { domain: [low - margin, high + margin] },
    marks: [
      Plot.gridY({ stroke: FAINT, strokeOpacity: 1 }),
      Plot.axisY({ tickSize: 0, label: null, fill: MUTED }),
      Plot.axisX({ tickSize: 4, stroke: MUTED, label: xLabel, labelAnchor: "center", labelArrow: "none", fill: MUTED }),
      ...curves.map(({ points, color }) => Plot.line(points, { x: "x", y: "y", stroke: color, strokeWidth: 1.5 })),
      ...curves.map(({ label, color }, i) =>
        Plot.text([label], { frameAnchor: "top-left", dx: starts[i] - 40, dy: -18, fill: color, fontWeight: 600 }),
      ),
      Plot.text([yLabel], { frameAnchor: "top-left", dx: -48, dy: -36, fill: MUTED }),
      titleMark(title, { dx: -48, dy: -58 }),
    ],
  });
}
