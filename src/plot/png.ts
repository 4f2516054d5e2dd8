import { Resvg } from "@resvg/resvg-js";

/**
 * A figure as PNG on white, drawn with the system's fonts.
 *
 * @param options - width: in pixels; the height follows. Default twice the figure's own.
 *
 * @example
 * ```ts
 * await writeAtomic("loss.png", toPng(lossCurves(series)));
 * ```
 */
export function toPng(svg: string, options: { width?: number } = {}): Uint8Array {
  const { width } = options;
  const image = new Resvg(svg, {
    background: "white",
    fitTo: width ? { mode: "width", value: width } : { mode: "zoom", value: 2 },
    font: { loadSystemFonts: true, defaultFontFamily: "DejaVu Sans" },
  });
  return image.render().asPng();
}
