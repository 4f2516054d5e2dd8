import * as Plot from "@observablehq/plot";
import { GmnmError } from "../errors.ts";
import { MUTED, titleMark } from "./svg.ts";

/** [low, high] along x and along y. */
export type PlotBox = readonly [readonly [number, number], readonly [number, number]];

/** What the figures over a box of two coordinates have in common. */
export type FrameOptions = {
  /** The box drawn: [[x0, x1], [y0, y1]]. */
  box: PlotBox;
  title?: string;
  /** Default "x". */
  xLabel?: string;
  /** Default "y". */
  yLabel?: string;
  /** In pixels, of the whole figure. Default 340. */
  width?: number;
};

/** A box longer than this in one direction is drawn as a square: one unit per axis would leave a sliver. */
const MAX_ASPECT = 4;
const MARGINS = { marginTop: 34, marginRight: 10, marginBottom: 40, marginLeft: 44 };

/** Axes with their names in the middle, seen after what is drawn. */
export const AXIS = {
  ticks: 5,
  tickSize: 4,
  stroke: MUTED,
  fill: MUTED,
  labelAnchor: "center",
  labelArrow: "none",
} as const;

/** The frame of a figure over a box, with equal units along both axes, leaving `aside` pixels free on the right. */
export function frame(options: FrameOptions, aside = 0) {
  const { box, title = "", xLabel = "x", yLabel = "y", width = 340 } = options;
  const [[x0, x1], [y0, y1]] = box;
  if (!(x0 < x1 && y0 < y1 && Number.isFinite(x1 - x0) && Number.isFinite(y1 - y0))) {
    throw new GmnmError(
      `a figure's box must be [[x0, x1], [y0, y1]] with x0 < x1 and y0 < y1, got ${JSON.stringify(box)}`,
    );
  }
  const ratio = (y1 - y0) / (x1 - x0);
  const frameWidth = width - aside - MARGINS.marginLeft - MARGINS.marginRight;
  const frameHeight = Math.round(frameWidth * (ratio > MAX_ASPECT || ratio < 1 / MAX_ASPECT ? 1 : ratio));
  return {
    frameHeight,
    plot: {
      ...MARGINS,
      width: width - aside,
      height: frameHeight + MARGINS.marginTop + MARGINS.marginBottom,
      x: { domain: [x0, x1] },
      y: { domain: [y0, y1] },
      ariaLabel: title,
    },
    marks: [
      Plot.frame({ stroke: MUTED }),
      Plot.axisX({ ...AXIS, label: xLabel }),
      Plot.axisY({ ...AXIS, label: yLabel }),
      titleMark(title, { dx: 0, dy: -26 }),
    ],
  };
}
