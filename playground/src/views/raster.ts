// A field on a coarse grid as pixels: interpolated first, coloured then, which is why it looks smooth.
import type { Range } from "../tasks/problem.ts";
import { SHADES } from "./colors.ts";

/**
 * Fills pixels (size × size, row 0 at the top) from a field (side × side, row 0 at the bottom), bilinearly. Values beyond the range get the colours
 * of its ends, those that are not finite none.
 */
export function paint(
  pixels: Uint32Array,
  size: number,
  field: ArrayLike<number>,
  side: number,
  [low, high]: Range,
  shades: Uint32Array,
): void {
  const scale = (SHADES - 1) / (high - low || 1);
  const step = (side - 1) / (size - 1);
  const row = new Float64Array(side); // between two rows of the grid
  for (let py = 0; py < size; py++) {
    const y = (size - 1 - py) * step;
    const y0 = Math.min(side - 2, y | 0);
    const fy = y - y0;
    for (let i = 0; i < side; i++) {
      const bottom = field[y0 * side + i];
      row[i] = (bottom + fy * (field[(y0 + 1) * side + i] - bottom) - low) * scale + 0.5;
    }
    for (let px = 0, at = py * size; px < size; px++, at++) {
      const x = px * step;
      const x0 = x < side - 2 ? x | 0 : side - 2;
      const shade = row[x0] + (x - x0) * (row[x0 + 1] - row[x0]);
      pixels[at] = shade >= 0 ? shades[shade < SHADES ? shade | 0 : SHADES - 1] : shade < 0 ? shades[0] : 0;
    }
  }
}

/** Difference of two fields. */
export const difference = (a: Float32Array, b: Float32Array): Float32Array => a.map((value, i) => value - b[i]);

/** Logits of two classes as −1 … 1: twice the probability, less one. */
export const toSigned = (logits: Float32Array): Float32Array => logits.map((z) => Math.tanh(z / 2));

export function rootMeanSquare(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value * value;
  return Math.sqrt(sum / values.length);
}

/** The next of … 0.1, 0.2, 0.5, 1, 2, 5 … that is no smaller. */
export function niceCeiling(value: number): number {
  if (!(value > 0) || !Number.isFinite(value)) return 1;
  const decade = 10 ** Math.floor(Math.log10(value));
  const digit = [1, 2, 5, 10].find((each) => each * decade >= value * (1 - 1e-9)) ?? 10;
  return Number((digit * decade).toPrecision(1));
}
