// Colours of fields: blue below, orange above, told apart by all kinds of eyes; in the dark what is neutral is dark.

export type Theme = "light" | "dark";
type Rgb = readonly [red: number, green: number, blue: number];

const parse = (hex: string): Rgb => [1, 3, 5].map((i) => Number.parseInt(hex.slice(i, i + 2), 16)) as unknown as Rgb;
const stops: Record<Theme, readonly Rgb[]> = {
  light: ["#0a3d73", "#1f6fb2", "#6fb0dc", "#c3ddef", "#f7f5f1", "#f9d7b4", "#f0a35c", "#d9691a", "#8f3606"].map(parse),
  dark: ["#7cc6ff", "#3f95de", "#25699f", "#183f5e", "#14181f", "#54301a", "#a2561f", "#e08b3e", "#ffbd80"].map(parse),
};

/** Shades of a colour scale. */
export const SHADES = 256;

const made = new Map<Theme, Uint32Array>();
/** The scale from low to high, as pixels (alpha, blue, green, red). */
export function shades(theme: Theme): Uint32Array {
  const known = made.get(theme);
  if (known) return known;
  const list = stops[theme];
  const scale = Uint32Array.from({ length: SHADES }, (_, i) => {
    const at = (i / (SHADES - 1)) * (list.length - 1);
    const k = Math.min(list.length - 2, Math.floor(at));
    const [r, g, b] = list[k].map((from, c) => Math.round(from + (at - k) * (list[k + 1][c] - from)));
    return ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
  });
  made.set(theme, scale);
  return scale;
}

/** A shade as CSS writes it. */
export function cssShade(theme: Theme, share: number): string {
  const pixel = shades(theme)[Math.round(Math.min(1, Math.max(0, share)) * (SHADES - 1))];
  return `rgb(${pixel & 255} ${(pixel >> 8) & 255} ${(pixel >> 16) & 255})`;
}

/** One colour per model, apart from those of fields; dashes tell the lines apart as well. */
export const modelColors: Record<Theme, readonly string[]> = {
  light: ["#6d28d9", "#0b7a5b", "#be185d", "#57606a"],
  dark: ["#b794ff", "#3ddba6", "#ff8ab8", "#aab4c0"],
};
export const modelDashes: readonly number[][] = [[], [7, 4], [2, 3], [9, 3, 2, 3]];
