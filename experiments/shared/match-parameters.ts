import type { AnyLayer } from "../../src/nn/index.ts";
import { countParameters } from "../../src/params.ts";
import { Random } from "../../src/random.ts";
import { initialParams } from "../../src/train/fit.ts";

/** Five per cent, and a little for the rounding of exactly that. */
const TOLERANCE = 0.05 + 1e-9;

/**
 * The model of a family whose number of parameters comes closest to a target, within 5 % of it: the width is searched, and among widths
 * that fit, a multiple of 4 is taken, which every executor runs faster. `from` is the first width to try: large models take long to count.
 */
export function matchParameters(target: number, build: (width: number) => AnyLayer, from = 4): AnyLayer {
  const parameters = (width: number) => countParameters(initialParams(build(width), new Random(0)));
  const misses: { width: number; miss: number }[] = [];
  for (let width = from; ; width++) {
    const p = parameters(width);
    misses.push({ width, miss: Math.abs(p / target - 1) });
    if (p > 1.05 * target) break;
  }
  misses.sort((a, b) => a.miss - b.miss);
  const fast = misses.find(({ width, miss }) => width % 4 === 0 && miss <= TOLERANCE);
  const { width, miss } = fast ?? misses[0];
  if (miss > TOLERANCE)
    throw new Error(
      `no width comes within 5 % of ${target} parameters; the closest, ${width}, misses by ${(100 * miss).toFixed(0)} %`,
    );
  return build(width);
}
