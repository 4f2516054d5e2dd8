import * as Plot from "@observablehq/plot";
import { apart, shorten } from "./labels.ts";
import { logTicks, rangeOf } from "./numbers.ts";
import { draw, FAINT, MUTED, titleMark } from "./svg.ts";

/** A named line of points. */
export type Series = { label: string; x: ArrayLike<number>; y: ArrayLike<number> };

/** Options of {@link lossCurves}. */
export type LossCurvesOptions = {
  title?: string;
  /** Default "epoch". */
  xLabel?: string;
  /** Default "loss". */
  yLabel?: string;
  /** In pixels. Default 560. */
  width?: number;
  /** In pixels. Default 320. */
  height?: number;
};

/** M. Okabe and K. Ito's colours, told apart by every eye; their yellow, too pale for a line, left out. */
export const COLORS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000"];
const DASHES = ["none", "5 3", "1.5 3"];

/** A curve of more points than this is drawn as its mean course within the band it covers. */
const MAX_POINTS = 240;
const LABEL_HEIGHT = 14;
/** Of bold capitals, the widest a label is made of, in pixels. */
const LETTER_WIDTH = 8.6;

/**
 * Curves over training on a logarithmic axis, each labelled at its end. Values that have no logarithm (zero, negative, NaN, infinite)
 * leave a gap; without any values the figure says so. A long, noisy curve becomes a line, its geometric mean over short stretches, in a
 * band from the lowest to the highest value of each stretch.
 *
 * @returns a standalone SVG.
 *
 * @example
 * ```ts
 * const svg = lossCurves([{ label: "gmnm", x: epochs, y: losses }], { title: "Training" });
 * ```
 */
export function lossCurves(series: readonly Series[], options: LossCurvesOptions = {}): string {
  const { title = "", xLabel = "epoch", yLabel = "loss", width = 560, height = 320 } = options;
  const letters = Math.floor((0.4 * width) / LETTER_WIDTH);
  const curves = series.map(({ label, x, y }, i) => ({
    label: shorten(label, letters),
    points: condense(x, y),
    color: COLORS[i % COLORS.length],
    dash: DASHES[Math.floor(i / COLORS.length) % DASHES.length],
  }));
  const drawn = curves.flatMap(({ points }) => points.filter(isDrawn));
  const [left, right] = rangeOf(series.flatMap(({ x }) => Array.from(x))) ?? [0, 1];
  const [low, high] = padded(rangeOf(drawn.flatMap(({ low, high }) => [low, high])) ?? [0.1, 1]);
  const { ticks, format } = logTicks(low, high);
  const longest = Math.max(0, ...curves.map(({ label }) => label.length));
  const marginTop = title ? 48 : 28;
  const marginBottom = 42;
  const ends = curves.flatMap(({ label, color, points }) => {
    const last = points.findLast(isDrawn);
    return last ? [{ ...last, label, color }] : [];
  });
  const bottom = height - marginBottom;
  const wanted = ends.map(({ y }) => marginTop + ((bottom - marginTop) * Math.log(high / y)) / Math.log(high / low));
  const places = apart(wanted, LABEL_HEIGHT, marginTop, bottom);
  return draw({
    width,
    height,
    marginTop,
    marginBottom,
    marginLeft: 56,
    marginRight: 18 + LETTER_WIDTH * longest,
    ariaLabel: title || `${yLabel} over ${xLabel}`,
    x: { domain: left < right ? [left, right] : [left - 0.5, left + 0.5] },
    y: { type: "log", domain: [low, high] },
    marks: [
      Plot.gridY({ ticks, stroke: FAINT, strokeOpacity: 1 }),
      Plot.axisY({ ticks, tickFormat: format, tickSize: 0, label: null, fill: MUTED }),
      Plot.axisX({
        ticks: right - left <= 6 && Number.isInteger(left) ? Math.max(1, right - left) : 6, // no half epochs
        tickSize: 4,
        stroke: MUTED,
        label: xLabel,
        labelAnchor: "center",
        labelArrow: "none",
        fill: MUTED,
      }),
      Plot.ruleY([low], { stroke: MUTED }),
      ...curves.flatMap(({ points, color, dash }) => [
        Plot.areaY(points.some(isBand) ? points : [], { x: "x", y1: "low", y2: "high", fill: color, fillOpacity: 0.2 }),
        Plot.line(points, { x: "x", y: "y", stroke: color, strokeWidth: 1.75, strokeDasharray: dash }),
        Plot.dot(points.filter(isAlone), { x: "x", y: "y", fill: color, r: 1.5 }),
      ]),
      Plot.dot(ends, { x: "x", y: "y", fill: (end) => end.color, r: 2.5 }),
      ...ends.map((end, i) =>
        Plot.text([end], {
          x: "x",
          y: "y",
          text: "label",
          fill: end.color,
          textAnchor: "start",
          dx: 9,
          dy: places[i] - wanted[i],
          fontWeight: 600,
        }),
      ),
      drawn.length === 0 ? Plot.text(["no values to draw"], { frameAnchor: "middle", dy: -12, fill: MUTED }) : null,
      Plot.text([yLabel], { frameAnchor: "top-left", dx: -48, dy: -20, fill: MUTED }),
      titleMark(title, { dx: -48, dy: -42 }),
    ],
  });
}

/** A point, or a stretch of points: where it lies, its mean, its least and greatest value; NaN where there is nothing to draw. */
type Point = { x: number; y: number; low: number; high: number };

const isDrawn = (point?: Point): boolean => point !== undefined && Number.isFinite(point.x) && Number.isFinite(point.y);
const isBand = ({ low, high }: Point): boolean => low < high;
/** A point that no line reaches. */
const isAlone = (point: Point, i: number, points: Point[]): boolean =>
  isDrawn(point) && !isDrawn(points[i - 1]) && !isDrawn(points[i + 1]);

/** The points themselves, or where they are many their stretches. */
function condense(x: ArrayLike<number>, y: ArrayLike<number>): Point[] {
  const length = Math.min(x.length, y.length);
  const stretch = Math.ceil(length / MAX_POINTS);
  return Array.from({ length: Math.ceil(length / stretch) || 0 }, (_, i) => {
    const valid: number[] = [];
    for (let j = i * stretch; j < Math.min(length, (i + 1) * stretch); j++) {
      if (y[j] > 0 && y[j] < Infinity) valid.push(j);
    }
    const mean = (of: (j: number) => number) => valid.reduce((sum, j) => sum + of(j), 0) / valid.length; // NaN of none
    const [low, high] = rangeOf(valid.map((j) => y[j])) ?? [NaN, NaN];
    return { x: mean((j) => x[j]), y: stretch > 1 ? Math.exp(mean((j) => Math.log(y[j]))) : low, low, high };
  });
}

/** The range of a logarithmic axis a little wider, and never a single point. */
function padded([low, high]: [number, number]): [number, number] {
  const factor = Math.max((high / low) ** 0.04, high / low < 1.05 ? 1.5 : 1);
  return [Math.max(low / factor, Number.MIN_VALUE), Math.min(high * factor, Number.MAX_VALUE)];
}
