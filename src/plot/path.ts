type Point = readonly [x: number, y: number];

/** How far, in tenths of a pixel, a simplified line may run beside the true one: less than the eye can see. */
const TOLERANCE = 2;

/**
 * A path of straight lines rewritten to a fraction of its length: points that a line through their neighbours passes anyway dropped,
 * coordinates rounded to a tenth of a pixel, steps relative and without needless characters. Other paths are returned as they are.
 */
export function compactPath(path: string): string {
  if (!/^[MLZ\d.,\s-]*$/.test(path)) return path;
  return path.replace(/M([^MZ]*)(Z?)/g, (_, text: string, close: string) => {
    const points = text.split("L").map((pair): Point => {
      const [x, y] = pair.split(",");
      return [Math.round(10 * Number(x)), Math.round(10 * Number(y))];
    });
    const [start, ...rest] = simplify(points);
    let [x, y] = start;
    let steps = "";
    for (const [nextX, nextY] of rest) {
      if (nextX === x && nextY === y) continue;
      steps += separated(nextX - x) + separated(nextY - y);
      [x, y] = [nextX, nextY];
    }
    return `M${tenths(start[0])},${tenths(start[1])}${steps && `l${steps.trimStart()}`}${close}`;
  });
}

/** D. Douglas and T. Peucker's simplification (1973): keeps the point farthest from the line between two kept ones while it matters. */
function simplify(points: readonly Point[]): readonly Point[] {
  const keep = new Set([0, points.length - 1]);
  const open: [number, number][] = [[0, points.length - 1]];
  for (let span = open.pop(); span; span = open.pop()) {
    const [from, to] = span;
    let farthest = from;
    let most = TOLERANCE;
    for (let i = from + 1; i < to; i++) {
      const distance = distanceToSegment(points[i], points[from], points[to]);
      if (distance > most) [farthest, most] = [i, distance];
    }
    if (farthest === from) continue;
    keep.add(farthest);
    open.push([from, farthest], [farthest, to]);
  }
  return points.filter((_, i) => keep.has(i));
}

function distanceToSegment([x, y]: Point, [ax, ay]: Point, [bx, by]: Point): number {
  const [dx, dy] = [bx - ax, by - ay];
  const along = ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy || 1);
  const t = Math.min(1, Math.max(0, along));
  return Math.hypot(x - ax - t * dx, y - ay - t * dy);
}

/** Tenths as a decimal number: 5 → ".5", −12 → "−1.2". */
const tenths = (value: number): string => String(value / 10).replace(/^(-?)0\./, "$1.");

/** A number that follows another: a minus sign separates as well as a space. */
const separated = (value: number): string => (value < 0 ? "" : " ") + tenths(value);
