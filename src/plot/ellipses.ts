/**
 * The curve zᵀΛz = 1 of a 2 × 2 precision Λ around the origin: an ellipse, or, where Λ hardly falls off in one direction, two parallel
 * lines, or, where it falls off in none, nothing.
 */
export type LevelSet =
  /** angle: that of the major axis, in radians. */
  | { kind: "ellipse"; major: number; minor: number; angle: number }
  /** angle: that of the lines, in radians; halfWidth: their distance from the centre. */
  | { kind: "ridge"; halfWidth: number; angle: number }
  | { kind: "flat" };

/**
 * The level set of a symmetric positive semi-definite precision [[a, b], [b, c]].
 *
 * @param reach - axes longer than this count as endless; a few times the size of the picture.
 */
export function levelSet([[a, b], [, c]]: readonly (readonly number[])[], reach: number): LevelSet {
  const greatest = (a + c) / 2 + Math.hypot((a - c) / 2, b);
  // From the determinant: the difference of the mean and the root would cancel just where the ellipse is thin. Rounding may take it below
  // nothing, or, of a circle, above the greatest.
  const least = greatest > 0 ? Math.min(greatest, Math.max(0, (a * c - b * b) / greatest)) : 0;
  const minor = 1 / Math.sqrt(greatest);
  const major = 1 / Math.sqrt(least);
  const angle = Math.atan2(2 * b, a - c) / 2 + Math.PI / 2; // across the direction of steepest descent
  if (!(minor <= reach)) return { kind: "flat" };
  return major <= reach ? { kind: "ellipse", major, minor, angle } : { kind: "ridge", halfWidth: minor, angle };
}
