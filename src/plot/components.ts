import type * as Plot from "@observablehq/plot";
import { GmnmError } from "../errors.ts";
import { type ComponentDescription, describeComponents } from "../nn/components.ts";
import type { LayerConfig } from "../nn/layer.ts";
import type { ParamTensors } from "../params.ts";
import type { Tensor } from "../tensor.ts";
import { BAR_WIDTH } from "./color-bar.ts";
import { levelSet } from "./ellipses.ts";
import { type FrameOptions, frame } from "./frame.ts";
import { draw, element, MUTED } from "./svg.ts";

/** Options of {@link components}. */
export type ComponentsOptions = FrameOptions & {
  /** The output whose weights give colour and strength. Default 0. */
  output?: number;
  /** Rows (rows, 2): components that none of them activates are drawn as dead. */
  sample?: Tensor;
};

const POSITIVE = "#d55e00";
const NEGATIVE = "#0072b2";
const DEAD = "#8c959f";

/**
 * The Gaussians of a mixture of two input features, each by the ellipse ‖P(x − μ)‖ = 1, on which it has fallen to e^(−1/2) of its
 * height; one that is flat in a direction by the band between two lines. Orange adds, blue subtracts, and the stronger the weight the
 * stronger the colour and the larger the centre.
 *
 * @param config - the config of a `gmnm` or `rbf` layer with two input features.
 * @param params - its parameters.
 * @returns a standalone SVG.
 *
 * @example
 * ```ts
 * const svg = components(model.layer.config, model.params, { box: [[-1, 1], [-1, 1]], title: "What it learnt" });
 * ```
 * @throws GmnmError for a layer of another type, another number of input features, or without such an output.
 */
export function components(config: LayerConfig, params: ParamTensors, options: ComponentsOptions): string {
  const { output = 0, sample } = options;
  if (config.inFeatures !== 2) {
    throw new GmnmError(`components draws layers of 2 input features, got ${config.inFeatures}`);
  }
  if (!(Number.isInteger(output) && output >= 0 && output < Number(config.outFeatures))) {
    throw new GmnmError(`components has outputs 0 to ${Number(config.outFeatures) - 1} to draw, got ${output}`);
  }
  const described = describeComponents(config, params, sample).map((component) => ({
    ...component,
    pi: component.weight[output],
  }));
  const strongest = Math.max(...described.map(({ pi }) => Math.abs(pi))) || 1;
  const byStrength = described
    .map((component): Drawn => ({ ...component, strength: Math.abs(component.pi) / strongest }))
    .sort((a, b) => Number(b.dead ?? false) - Number(a.dead ?? false) || a.strength - b.strength); // the strongest on top
  const { plot, marks } = frame(options, BAR_WIDTH); // the same frame as a field's
  const [width, marginRight] = [plot.width + BAR_WIDTH, plot.marginRight + BAR_WIDTH];
  return draw({ ...plot, width, marginRight, marks: [drawnInFrame(byStrength), legendMark(described), ...marks] });
}

type Drawn = ComponentDescription & { pi: number; strength: number };

/** A mark that draws every component, clipped to the frame. */
function drawnInFrame(list: readonly Drawn[]): Plot.Markish {
  return (_index, { scales }, _values, { width, height, marginLeft, marginTop, marginRight, marginBottom }) => {
    const size = { width: width - marginLeft - marginRight, height: height - marginTop - marginBottom };
    const clip = element("clipPath", { id: "plot-clip-components" }, [
      element("rect", { x: marginLeft, y: marginTop, ...size }),
    ]);
    const [x, y] = [scales.x!, scales.y!];
    // Pixels per unit, by which a precision in units becomes one in pixels; y points downwards there.
    const [sx, sy] = [Number(x.apply(1)) - Number(x.apply(0)), Number(y.apply(1)) - Number(y.apply(0))];
    const shapes = list.map((component) => {
      const [cx, cy] = [Number(x.apply(component.center[0])), Number(y.apply(component.center[1]))];
      const [[a, b], [, c]] = component.precision;
      const inPixels = [[a / sx / sx, b / sx / sy], [b / sx / sy, c / sy / sy]]; // biome-ignore format: a matrix
      return drawComponent(component, inPixels, { cx: rounded(cx), cy: rounded(cy) }, 8 * Math.max(width, height));
    });
    return element("g", { "aria-label": "components" }, [
      clip,
      element("g", { "clip-path": "url(#plot-clip-components)" }, [
        ...shapes.flatMap(({ outline }) => outline ?? []),
        ...shapes.map(({ dot }) => dot),
      ]),
    ]);
  };
}

/** The level set, in pixels, and the centre of one component. */
function drawComponent(
  { pi, strength, dead }: Drawn,
  precision: number[][],
  at: { cx: number; cy: number },
  reach: number,
): { outline?: SVGElement; dot: SVGElement } {
  const level = levelSet(precision, reach);
  const color = dead ? DEAD : pi < 0 ? NEGATIVE : POSITIVE;
  const dot = element("circle", { ...at, r: rounded(dead ? 1.5 : 1.25 + 2 * strength), fill: color });
  if (level.kind === "flat") return { dot };
  const style = {
    fill: dead ? "none" : color,
    "fill-opacity": rounded(0.04 + 0.26 * strength),
    stroke: color,
    "stroke-opacity": rounded(dead ? 0.8 : 0.25 + 0.75 * strength),
    "stroke-width": rounded(0.75 + strength),
    ...(dead && { "stroke-dasharray": "3 3" }),
    transform: `translate(${at.cx},${at.cy}) rotate(${rounded((level.angle * 180) / Math.PI)})`,
  };
  if (level.kind === "ellipse") {
    return { outline: element("ellipse", { rx: rounded(level.major), ry: rounded(level.minor), ...style }), dot };
  }
  const band = { x: -reach, y: rounded(-level.halfWidth), width: 2 * reach, height: rounded(2 * level.halfWidth) };
  return { outline: element("rect", { ...band, ...style }), dot };
}

/** What the colours say, right of the frame, where a field has its colour bar. */
function legendMark(list: readonly { pi: number; dead?: boolean }[]): Plot.Markish {
  const alive = list.filter(({ dead }) => !dead);
  const entries = [
    { text: "π > 0", color: POSITIVE, shown: alive.some(({ pi }) => pi >= 0) },
    { text: "π < 0", color: NEGATIVE, shown: alive.some(({ pi }) => pi < 0) },
    { text: "dead", color: DEAD, shown: alive.length < list.length },
  ].filter(({ shown }) => shown);
  return (_index, _scales, _values, { width, marginRight, marginTop }) => {
    const x = width - marginRight + 14;
    const items = entries.flatMap(({ text, color }, i) => {
      const y = marginTop + 7 + 18 * i;
      const label = element("text", { x: x + 9, y: y + 4, fill: MUTED, "text-anchor": "start" });
      label.textContent = text;
      return [element("circle", { cx: x, cy: y, r: 4, fill: color }), label];
    });
    return element("g", { "aria-label": "legend" }, items);
  };
}

const rounded = (value: number): number => Math.round(value * 100) / 100;
