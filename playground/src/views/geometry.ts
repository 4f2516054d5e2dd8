// Between what models see and where it is drawn, and what dragging means.
import { type LevelSet, levelSet } from "../../../src/plot/ellipses.ts";
import type { Axis } from "../tasks/problem.ts";
import type { ComponentView } from "../worker/messages.ts";

export type Point = readonly [x: number, y: number];

/** The square that fields are drawn in, in units of its own; y points downwards. */
export const SIZE = 1000;

/** A place in the picture → coordinates. */
export const toData = ([px, py]: Point, [ax, ay]: readonly [Axis, Axis]): Point => [
  ax.low + (px / SIZE) * (ax.high - ax.low),
  ay.high - (py / SIZE) * (ay.high - ay.low),
];

/** Coordinates → a place in the picture. */
export const toPicture = ([x, y]: Point, [ax, ay]: readonly [Axis, Axis]): Point => [
  ((x - ax.low) / (ax.high - ax.low)) * SIZE,
  ((ay.high - y) / (ay.high - ay.low)) * SIZE,
];

/** How far beyond the picture a centre may be dragged, as a share of it. */
const BEYOND = 0.25;

/** Where a centre goes when a pointer that took hold of it at `grip` is at `pointer`, both in the picture. */
export function dragged(center: Point, grip: Point, pointer: Point, axes: readonly [Axis, Axis]): Point {
  const [cx, cy] = toPicture(center, axes);
  const within = (value: number) => Math.min((1 + BEYOND) * SIZE, Math.max(-BEYOND * SIZE, value));
  return toData([within(cx + pointer[0] - grip[0]), within(cy + pointer[1] - grip[1])], axes);
}

/** A centre moved by a share of the picture, as arrow keys do. */
export const nudged = (center: Point, dx: number, dy: number, axes: readonly [Axis, Axis]): Point =>
  dragged(center, [0, 0], [dx * SIZE, dy * SIZE], axes);

/** More outlines than these hide one another, and what they are of. */
export const MOST_OUTLINES = 60;

/** A component in the picture. `strength` is the root of its share beside the largest, for most are small. */
export type Drawn = { k: number; component: ComponentView; strength: number; outlined: boolean } & ReturnType<
  typeof shapeOf
>;

/** Components as they are drawn: the weakest first, so that the strongest lie on top. */
export function drawnComponents(components: readonly ComponentView[], axes: readonly [Axis, Axis]): Drawn[] {
  const strongest = Math.max(1e-9, ...components.map(({ share }) => share));
  return components
    .map((component, k) => {
      const strength = Math.sqrt(component.share / strongest);
      return { k, component, strength, ...shapeOf(component, axes) };
    })
    .sort((a, b) => a.strength - b.strength)
    .map((drawn, i) => ({ ...drawn, outlined: i >= components.length - MOST_OUTLINES }));
}

/** What to draw of a component, in the picture's units. */
export function shapeOf(
  { center, precision: [a, b, c] }: ComponentView,
  axes: readonly [Axis, Axis],
): { at: Point; level: LevelSet } {
  const [ax, ay] = axes;
  // Units per pixel, by which a precision in units becomes one in pixels; y points downwards there.
  const [sx, sy] = [(ax.high - ax.low) / SIZE, -(ay.high - ay.low) / SIZE];
  const inPicture = [[a * sx * sx, b * sx * sy], [b * sx * sy, c * sy * sy]]; // biome-ignore format: a matrix
  return { at: toPicture(center, axes), level: levelSet(inPicture, 8 * SIZE) };
}
