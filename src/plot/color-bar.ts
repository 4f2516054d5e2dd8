import * as Plot from "@observablehq/plot";
import { powerOfTen } from "./numbers.ts";
import { draw, MUTED } from "./svg.ts";

/** Colours of bands of equal width between two values. */
export type ColorScale = { low: number; high: number; scheme: Plot.ColorScheme };

const BANDS = 25; // odd, so that a scale around 0 has a band of its own for 0

/** The lower edges of a scale's bands. */
export const bandEdges = ({ low, high }: ColorScale): number[] =>
  Array.from({ length: BANDS }, (_, i) => low + ((high - low) * i) / BANDS);

/** Plot's colour scale for bands named by their lower edges: the first and the last get the ends of the scheme. */
export const colorOptions = (scale: ColorScale): Plot.ScaleOptions => ({
  type: "linear",
  domain: [scale.low, bandEdges(scale)[BANDS - 1]],
  scheme: scale.scheme,
  clamp: true,
});

/**
 * The scale as a bar with ticks, to stand right of a plot whose frame has the same top and height. Very small and very large values
 * share one power of ten, written above the bar.
 */
export function colorBar(
  scale: ColorScale,
  { top, frameHeight, bottom }: { top: number; frameHeight: number; bottom: number },
): string {
  const exponent = Math.floor(Math.log10(Math.max(Math.abs(scale.low), Math.abs(scale.high))));
  const power = exponent < -1 || exponent > 2 ? exponent : 0;
  const inUnits = (value: number) => value / 10 ** power;
  const edges = [...bandEdges(scale), scale.high];
  const bands = edges.slice(1).map((high, i) => ({ low: edges[i], high }));
  return draw({
    width: BAR_WIDTH,
    height: top + frameHeight + bottom,
    marginTop: top,
    marginBottom: bottom,
    marginLeft: 8,
    marginRight: BAR_WIDTH - 20,
    x: { domain: [0, 1], axis: null },
    y: { domain: [inUnits(scale.low), inUnits(scale.high)] },
    color: colorOptions(scale),
    marks: [
      Plot.rect(bands, {
        x1: () => 0,
        x2: () => 1,
        y1: (band) => inUnits(band.low),
        y2: (band) => inUnits(band.high),
        fill: "low",
        stroke: "low", // closes the hairlines between bands
        strokeWidth: 0.5,
      }),
      Plot.axisY({ anchor: "right", ticks: 5, tickSize: 3, stroke: MUTED, fill: MUTED, label: null }),
      power === 0 ? null : Plot.text([`×${powerOfTen(power)}`], { frameAnchor: "top-left", dy: -14, fill: MUTED }),
    ],
  });
}

/** Bar and labels together, in pixels. */
export const BAR_WIDTH = 62;
