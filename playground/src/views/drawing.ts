// A drawing by hand as an image like those that models learn from.

/** Points of one stroke, 0 … 1 from the left and from the top. */
export type Stroke = readonly (readonly [x: number, y: number])[];

/** The part of the image that the longer side of a digit fills, and the pen's radius: the middle of what generated digits have. */
const [EXTENT, PEN] = [0.66, 0.046];
/** Dots and dashes are not blown up to a whole digit. */
const SMALLEST = 0.25;

/**
 * Ink 0 … 1 per pixel (side × side, row 0 at the top): the strokes moved to the middle and brought to the size of a digit, drawn with a round pen.
 * Undefined without strokes.
 */
export function rasterize(strokes: readonly Stroke[], side: number): Float32Array | undefined {
  const points = strokes.flat();
  if (points.length === 0) return undefined;
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const scale = EXTENT / Math.max(SMALLEST, right - left, bottom - top);
  const place = ([x, y]: readonly [number, number]) =>
    [side * (0.5 + scale * (x - (left + right) / 2)), side * (0.5 + scale * (y - (top + bottom) / 2))] as const;
  const image = new Float32Array(side * side);
  const reach = side * PEN + 0.5;
  for (const stroke of strokes) {
    const moved = stroke.map(place);
    for (let i = 0; i < Math.max(1, moved.length - 1); i++) ink(image, side, moved[i], moved[i + 1] ?? moved[i], reach);
  }
  return image;
}

function ink(
  image: Float32Array,
  side: number,
  [ax, ay]: readonly [number, number],
  [bx, by]: readonly [number, number],
  reach: number,
): void {
  const squared = (bx - ax) ** 2 + (by - ay) ** 2;
  for (let pixel = 0; pixel < image.length; pixel++) {
    const [x, y] = [(pixel % side) + 0.5 - ax, Math.floor(pixel / side) + 0.5 - ay];
    const along = squared === 0 ? 0 : Math.min(1, Math.max(0, (x * (bx - ax) + y * (by - ay)) / squared));
    const distance = Math.hypot(x - along * (bx - ax), y - along * (by - ay));
    image[pixel] = Math.max(image[pixel], Math.min(1, Math.max(0, reach - distance)));
  }
}
